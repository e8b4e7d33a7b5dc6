// nexusctl member: who may do what in a tenant. The tenant is the one of --tenant, NEXUS_TENANT or the context.
#include "cli/commands.hpp"
#include "cli/listing.hpp"

namespace nexus::cli {
namespace {

const Shape kMemberShape = {"user_id", {"user_id", "role", "since"}};

// The tenant stands in the path, so the request carries no tenant header and no env.
std::string members_path(const Session& session) { return "/tenants/" + segment(session.tenant()) + "/members"; }

int run_set(Session& session, const Values& values) {
  session.print_answer(session.call({.method = "PUT",
                                     .path = members_path(session) + "/" + segment(values.text("USER_ID")),
                                     .body = Json{{"role", values.text("ROLE")}},
                                     .scope = Scope::identity}),
                       kMemberShape);
  return 0;
}

int run_list(Session& session, const Values& values) {
  return print_pages(session, values, {.path = members_path(session), .scope = Scope::identity}, kMemberShape);
}

int run_remove(Session& session, const Values& values) {
  const std::string user_id = values.text("USER_ID");
  session.call({.method = "DELETE", .path = members_path(session) + "/" + segment(user_id), .scope = Scope::identity});
  session.note(user_id + " is no member of " + session.tenant() + " any more");
  return 0;
}

}  // namespace

Command member_command() {
  const Parameter user_id = argument("USER_ID", "the user");
  return {.name = "member",
          .summary = "members of a tenant: set, list, remove",
          .example = "nexusctl member set u_ann admin --tenant t_acme",
          .commands = {
              {.name = "set",
               .summary = "make a user a member, or change the role",
               .example = "nexusctl member set u_ann admin --tenant t_acme",
               .parameters = {user_id, argument("ROLE", "viewer, member, admin or owner")},
               .run = run_set},
              {.name = "list",
               .summary = "list the members",
               .example = "nexusctl member list --tenant t_acme",
               .parameters = list_parameters(),
               .run = run_list},
              {.name = "remove",
               .summary = "end a membership; open streams of the user end too",
               .example = "nexusctl member remove u_ann --tenant t_acme",
               .parameters = {user_id},
               .run = run_remove},
          }};
}

}  // namespace nexus::cli
