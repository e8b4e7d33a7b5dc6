// nexusctl limits: how often actions may be done in a tenant and env.
#include "cli/engine/one_request.hpp"

namespace nexus::cli {
namespace {

const Shape kLimitsShape = {"action", {"action", "requests", "window_seconds"}};
constexpr const char* kLimitsPath = "/limits";

Json limit_of(const Values& values) {
  constexpr long long requests_max = 1'000'000'000, day = 86'400;
  const long long requests = values.number("REQUESTS", 1, requests_max).value_or(1);
  const long long window = values.number("--window", 1, day).value_or(60);
  return {{values.text("ACTION"), {{"requests", requests}, {"window_seconds", window}}}};
}

Json no_limit(const Values& values) { return {{values.text("ACTION"), nullptr}}; }

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
               .run = sends_map({.path = kLimitsPath}, kLimitsShape)},
              {.name = "set",
               .summary = "limit an action to so many requests in a window",
               .example = "nexusctl limits set raw_presign 100 --window 60",
               .parameters = {option("--window", "SECONDS", "the window, 1 to 86400 (60)"), action,
                              argument("REQUESTS", "how many; all of them may come at once")},
               .run = sends_map({.method = "PUT", .path = kLimitsPath}, kLimitsShape, limit_of)},
              {.name = "unset",
               .summary = "take a limit back to that of *, or to the daemon's default",
               .example = "nexusctl limits unset raw_presign",
               .parameters = {action},
               .run = sends_map({.method = "PUT", .path = kLimitsPath}, kLimitsShape, no_limit)},
          }};
}

}  // namespace nexus::cli
