// nexusctl user: the people and agents that tokens belong to, created by the system role.
#include "cli/engine/model_options.hpp"
#include "daemon/identity/models.hpp"

namespace nexus::cli {
namespace {

const Shape kUserShape = {"user_id", {"user_id", "email", "display_name", "created_at"}};

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
              creates({.name = "create",
                       .summary = "make a user",
                       .example = "nexusctl user create USER_ID --email ann@example.com --display-name Ann"},
                      model::specs_of<identity::kUser>, {.method = "POST", .path = "/users", .scope = Scope::identity},
                      kUserShape, {{"user_id", "USER_ID"}},
                      {optional_argument("USER_ID", "u_ and lower-case letters, digits, _ or - (drawn)")}),
              list_command("list", "list users", "nexusctl user list --limit 20",
                           {.path = "/users", .scope = Scope::identity}, kUserShape),
              show_command("show one user", "nexusctl user show USER_ID",
                           {.path = "/users/{USER_ID}", .scope = Scope::identity}, kUserShape,
                           {argument("USER_ID", "the user")}),
          }};
}

}  // namespace nexus::cli
