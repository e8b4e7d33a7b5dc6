// nexusctl member: the members of a tenant, and invitations. The tenant comes from --tenant, NEXUS_TENANT or the
// context. A user who answers an invitation names the tenant.
#include "cli/engine/one_request.hpp"

namespace nexus::cli {
namespace {

const Shape kMemberShape = {"user_id", {"user_id", "role", "status", "since"}};
const Shape kInvitationShape = {"user_id", {"user_id", "role", "invited_by", "expires_at"}};

// The tenant is in the path, so the request has no tenant header and no env.
const char* const kMembers = "/tenants/{tenant}/members";
const char* const kMemberPath = "/tenants/{tenant}/members/{USER_ID}";
const char* const kOwnMembership = "/auth/memberships/{TENANT_ID}";

int run_member_set(Session& session, const Values& values) {
  ApiRequest request = request_of({.method = "PUT", .path = kMemberPath, .scope = Scope::identity}, session, values);
  request.body = texts_of(values, {"ROLE"});
  const Answer answer = session.call(request);
  session.print_answer(answer, kMemberShape);
  if (value_at(answer.json, "status") == "invited")
    session.note(values.text("USER_ID") + " is invited to " + session.tenant() + ", and no member before answering");
  return 0;
}

int run_member_remove(Session& session, const Values& values) {
  deletes({.path = kMemberPath, .scope = Scope::identity}, "USER_ID")(session, values);
  session.note(values.text("USER_ID") + " is neither member of " + session.tenant() + " nor invited any more");
  return 0;
}

/// The caller's role in this tenant, in one of the lists of /auth/me: `memberships` or `invitations`.
std::optional<std::string> own_role(Session& session, const char* list, const std::string& tenant_id) {
  const Json me = session.call({.path = "/auth/me", .scope = Scope::identity, .preliminary = true}).json;
  for (const auto& entry : value_at(me, list))
    if (entry.value("tenant_id", "") == tenant_id) return entry.value("role", "");
  return std::nullopt;
}

/// The role that the current invitation to this tenant offers.
std::string offered_role(Session& session, const std::string& tenant_id) {
  if (const auto role = own_role(session, "invitations", tenant_id)) return *role;
  throw Failure(Exit::not_found, "no invitation to " + tenant_id + " is open for you", "nexusctl whoami");
}

int run_accept(Session& session, const Values& values) {
  const auto role = values.find("--role");
  const Json body = {{"role", role && !role->empty() ? *role : offered_role(session, values.text("TENANT_ID"))}};
  return sends({.method = "POST", .path = kOwnMembership, .body = body, .scope = Scope::identity}, kMemberShape)(
      session, values);
}

void end_own_membership(Session& session, const Values& values) {
  deletes({.path = kOwnMembership, .scope = Scope::identity}, "TENANT_ID")(session, values);
}

int run_decline(Session& session, const Values& values) {
  offered_role(session, values.text("TENANT_ID"));  // a member who mistypes would leave
  end_own_membership(session, values);
  session.note("the invitation to " + values.text("TENANT_ID") + " is declined");
  return 0;
}

int run_leave(Session& session, const Values& values) {
  const std::string& tenant_id = values.text("TENANT_ID");
  if (!own_role(session, "memberships", tenant_id))  // who is only invited would decline
    throw Failure(Exit::not_found, "you are no member of " + tenant_id, "nexusctl whoami");
  end_own_membership(session, values);
  session.note("you are no member of " + values.text("TENANT_ID") + " any more");
  return 0;
}

constexpr const char* kMemberDescription = R"(
The tenant is that of --tenant, NEXUS_TENANT or the context, or the one that is named; no env is needed. The roles are
`viewer`, `member`, `admin` and `owner`. Only an owner or the system token makes, changes or removes an owner, and the
last owner stays. A change counts from the next request on, and open streams of a removed member end.

Owners and admins add nobody without consent: they invite, and the answer is the same whether the user exists or not.
An invitation grants nothing. It ends after 14 days, when it is declined or withdrawn, and when whoever made it is no
longer a member or may no longer offer the role. At most 256 are open in a tenant. The system token makes members at
once.)";

constexpr const char* kAcceptDescription = R"(
`nexusctl whoami` lists the invitations that are open for you. It takes a human's token that is not narrowed, or
narrowed to this tenant alone.)";

}  // namespace

Command member_command() {
  const Parameter user_id = argument("USER_ID", "the user");
  const Parameter tenant_id = argument("TENANT_ID", "the tenant");
  return {.name = "member",
          .topic = Topic::set_up,
          .summary = "members of a tenant: invite, list, remove; accept, decline, leave",
          .description = kMemberDescription,
          .see_also = "nexusctl-tenant(1), nexusctl-user(1), nexusctl-whoami(1)",
          .example = "nexusctl member set USER_ID admin --tenant TENANT_ID",
          .commands = {
              {.name = "set",
               .summary = "invite a user, or change a member's role; the system token adds at once",
               .description = "The `status` of the answer says what was done: `invited` or `active`.",
               .example = "nexusctl member set USER_ID admin --tenant TENANT_ID",
               .parameters = {user_id, one_of({"viewer", "member", "admin", "owner"},
                                              argument("ROLE", "viewer, member, admin or owner"))},
               .run = run_member_set},
              list_command("list", "list the members", "nexusctl member list --tenant TENANT_ID",
                           {.path = kMembers, .scope = Scope::identity}, kMemberShape),
              list_command("invitations", "list who is invited and has not answered",
                           "nexusctl member invitations --tenant TENANT_ID",
                           {.path = kMembers, .query = {{"status", "invited"}}, .scope = Scope::identity},
                           kInvitationShape),
              {.name = "remove",
               .summary = "end a membership, and open streams of the user; or withdraw an invitation",
               .example = "nexusctl member remove USER_ID --tenant TENANT_ID",
               .parameters = {user_id},
               .run = run_member_remove},
              {.name = "accept",
               .summary = "accept an invitation, and become a member",
               .description = kAcceptDescription,
               .example = "nexusctl member accept TENANT_ID",
               .parameters = {option("--role", "ROLE", "only if this role is offered (the one that is)"), tenant_id},
               .run = run_accept},
              {.name = "decline",
               .summary = "decline an invitation",
               .example = "nexusctl member decline TENANT_ID",
               .parameters = {tenant_id},
               .run = run_decline},
              {.name = "leave",
               .summary = "end your own membership",
               .example = "nexusctl member leave TENANT_ID",
               .parameters = {tenant_id},
               .run = run_leave},
          }};
}

}  // namespace nexus::cli
