// nexusctl limits: how often actions may be done in a tenant and env.
#include "cli/engine/session.hpp"

namespace nexus::cli {
namespace {

const Shape kLimitsShape = {"action", {"action", "requests", "window_seconds"}};
constexpr const char* kLimitsPath = "/limits";

/// The daemon's document is a map; people read it as a table.
void print_limits(Session& session, const Answer& answer) {
  if (session.json_output() || session.settings().field || !answer.json.is_object()) {
    session.print_answer(answer, kLimitsShape);
    return;
  }
  Json items = Json::array();
  for (const auto& [action, limit] : answer.json.items()) {
    Json item = limit;
    if (item.is_object()) item["action"] = action;
    items.push_back(std::move(item));
  }
  session.print_list({{"items", std::move(items)}, {"next_cursor", nullptr}}, kLimitsShape);
}

int put(Session& session, const std::string& action, Json limit) {
  print_limits(session, session.call({.method = "PUT", .path = kLimitsPath, .body = Json{{action, std::move(limit)}}}));
  return 0;
}

int run_limits_show(Session& session, const Values&) {
  print_limits(session, session.call({.path = kLimitsPath}));
  return 0;
}

int run_limits_set(Session& session, const Values& values) {
  constexpr long long requests_max = 1'000'000'000, day = 86'400;
  const long long requests = values.number("REQUESTS", 1, requests_max).value_or(1);
  const long long window = values.number("--window", 1, day).value_or(60);
  return put(session, values.text("ACTION"), {{"requests", requests}, {"window_seconds", window}});
}

int run_unset(Session& session, const Values& values) { return put(session, values.text("ACTION"), nullptr); }

constexpr const char* kLimitsDescription = R"(
A limit holds for one tenant, env and action. `*` holds for all actions without a limit of their own; the default of
the daemon holds for a tenant without `*`. The whole quota may be used at once; after that, requests fit again one by
one. Admins and owners lower limits; only the system token raises one above the default of the daemon. The actions
that repair limits and kill switches always have the default.)";

}  // namespace

Command limits_command() {
  const Parameter action = argument("ACTION", "such as raw_presign; * is all that have no limit of their own");
  return {.name = "limits",
          .topic = Topic::set_up,
          .summary = "rate limits: show, set, unset",
          .description = kLimitsDescription,
          .see_also = "nexus-limits(7)",
          .example = "nexusctl limits set raw_presign 100 --window 60",
          .commands = {
              {.name = "show",
               .summary = "show the limits",
               .example = "nexusctl limits show -o json",
               .run = run_limits_show},
              {.name = "set",
               .summary = "limit an action to so many requests in a window",
               .example = "nexusctl limits set raw_presign 100 --window 60",
               .parameters = {option("--window", "SECONDS", "the window, 1 to 86400 (60)"), action,
                              argument("REQUESTS", "how many; all of them may come at once")},
               .run = run_limits_set},
              {.name = "unset",
               .summary = "take a limit back to that of *, or to the daemon's default",
               .example = "nexusctl limits unset raw_presign",
               .parameters = {action},
               .run = run_unset},
          }};
}

}  // namespace nexus::cli
