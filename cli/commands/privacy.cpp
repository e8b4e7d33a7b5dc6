// nexusctl privacy: whether models may learn from what is done here. Users set it for themselves; admins for the whole
// tenant and for any member.
#include "cli/engine/one_request.hpp"

namespace nexus::cli {
namespace {

const Shape kPrivacyShape = {"user.user_id", {"user.user_id", "opt_out", "user.opt_out", "tenant.opt_out"}};
const std::string kPrivacyPath = "/privacy/training";

/// Without --user, the daemon says who the caller is.
std::string user_of(Session& session, const Values& values) {
  if (const auto user = values.find("--user")) return *user;
  const Answer own = session.call({.path = kPrivacyPath, .preliminary = true});
  const Json& user = value_at(own.json, "user.user_id");
  if (!user.is_string()) throw Failure(Exit::server_error, "the daemon's answer lacks the user");
  return user.get<std::string>();
}

auto choose(bool opt_out) {
  return [opt_out](Session& session, const Values& values) {
    const bool whole_tenant = values.given("--whole-tenant");
    if (whole_tenant && values.given("--user"))
      throw Failure(Exit::usage, "--user and --whole-tenant exclude each other");
    const std::string path = kPrivacyPath + (whole_tenant ? "" : "/users/" + segment(user_of(session, values)));
    session.print_answer(session.call({.method = "PUT", .path = path, .body = Json{{"opt_out", opt_out}}}),
                         kPrivacyShape);
    return 0;
  };
}

constexpr const char* kPrivacyDescription = R"(
A choice holds for one tenant and env, and for what is done after it. A person's opt-out holds for all envs of the
tenant, and only that person takes it back. Each change is an event. A user's own choice counts before the tenant's.
Everybody chooses for themselves; admins and owners choose for the tenant and for any member. No gate holds up an
opt-out.)";

}  // namespace

Command privacy_command() {
  const Parameter user = option("--user", "USER_ID", "another member, for admins (yourself)");
  const Parameter whole_tenant = flag("--whole-tenant", "the tenant's own choice, for admins");
  return {.name = "privacy",
          .topic = Topic::set_up,
          .summary = "whether models may learn from what is done here",
          .description = kPrivacyDescription,
          .see_also = "nexusctl-event(1)",
          .example = "nexusctl privacy opt-out",
          .commands = {
              {.name = "show",
               .summary = "show what you chose, what the tenant chose, and what follows",
               .example = "nexusctl privacy show -o json",
               .parameters = {user},
               .run = shows({.path = kPrivacyPath}, kPrivacyShape, {{"--user", "user_id"}})},
              {.name = "opt-out",
               .summary = "keep activity from training",
               .example = "nexusctl privacy opt-out --whole-tenant",
               .parameters = {user, whole_tenant},
               .run = choose(true)},
              {.name = "opt-in",
               .summary = "let models learn from activity",
               .example = "nexusctl privacy opt-in --user USER_ID",
               .parameters = {user, whole_tenant},
               .run = choose(false)},
          }};
}

}  // namespace nexus::cli
