// nexusctl user: the people and agents that tokens speak for, made by the system role.
#include "cli/engine/command.hpp"
#include "cli/engine/listing.hpp"
#include "cli/engine/session.hpp"

namespace nexus::cli {
namespace {

const Shape kUserShape = {"user_id", {"user_id", "email", "display_name", "created_at"}};

int run_user_create(Session& session, const Values& values) {
  Json body = Json::object();
  if (const auto id = values.find("USER_ID")) body["user_id"] = *id;
  if (const auto email = values.find("--email")) body["email"] = *email;
  if (const auto name = values.find("--display-name")) body["display_name"] = *name;
  session.print_answer(session.call({.method = "POST", .path = "/users", .body = body, .scope = Scope::identity}),
                       kUserShape);
  return 0;
}

int run_user_list(Session& session, const Values& values) {
  return print_pages(session, values, {.path = "/users", .scope = Scope::identity}, kUserShape);
}

int run_user_show(Session& session, const Values& values) {
  const std::string path = "/users/" + segment(values.text("USER_ID"));
  session.print_record(session.call({.path = path, .scope = Scope::identity}).json, kUserShape);
  return 0;
}

constexpr const char* kUserDescription = R"(
The system token makes and reads users. A user may do nothing until nexusctl-member(1) makes a membership and
nexusctl-token(1) a token.)";

}  // namespace

Command user_command() {
  return {.name = "user",
          .topic = Topic::set_up,
          .summary = "users: create, list, show",
          .description = kUserDescription,
          .see_also = "nexusctl-member(1), nexusctl-token(1)",
          .example =
              "nexusctl user create USER_ID --email ann@example.com\n"
              "nexusctl user list --all -o name",
          .commands = {
              {.name = "create",
               .summary = "make a user",
               .example = "nexusctl user create USER_ID --email ann@example.com --display-name Ann",
               .parameters = {optional_argument("USER_ID", "u_ and lower-case letters, digits, _ or - (drawn)"),
                              option("--email", "ADDRESS", "unique among users"),
                              option("--display-name", "NAME", "for people")},
               .run = run_user_create},
              {.name = "list",
               .summary = "list users",
               .example = "nexusctl user list --limit 20",
               .parameters = list_parameters(),
               .run = run_user_list},
              {.name = "show",
               .summary = "show one user",
               .example = "nexusctl user show USER_ID",
               .parameters = {argument("USER_ID", "the user")},
               .run = run_user_show},
          }};
}

}  // namespace nexus::cli
