// The contract's lines of events, privacy, feature flags and limits.
#include "tests/api/lines.hpp"

namespace nexus::test {
namespace {

Filled one_event(const Stage& stage) {
  const Person& owner = stage.tenant.owner;
  stage.world.presign(owner, stage.tenant.id, "swept.txt", stage.env);
  const Answer list = stage.world.call("GET", "/events?limit=1", World::in(owner, stage.tenant.id, stage.env));
  return {"/events/" + list.json.at("items").at(0).at("event_id").get<std::string>()};
}

}  // namespace

Lines preference_lines() {
  return {
      {"GET /events", "admin", "events_read", "read", 200, just("/events")},
      {"GET /events/{event_id}", "admin", "events_read", "read", 200, one_event},
      {"GET /privacy/training", "viewer", "privacy_read", "read", 200, just("/privacy/training")},
      {"PUT /privacy/training", "admin", "privacy_update", "control", 200,
       [](const Stage&) {
         return json("/privacy/training", {{"opt_out", false}});
       }},
      {"PUT /privacy/training/users/{user_id}", "viewer", "privacy_update", "control",
       200,  // for oneself; opting in is what a gate may stop
       [](const Stage& stage) {
         return json("/privacy/training/users/" + stage.who.id, {{"opt_out", false}});
       }},
      {"GET /feature-flags", "viewer", "feature_flags_read", "read", 200, just("/feature-flags")},
      {"PUT /feature-flags", "admin", "feature_flags_update", "control", 200,
       [](const Stage&) {
         return json("/feature-flags", {{"gesture_logging", true}});
       }},
      {"GET /limits", "admin", "limits_read", "read", 200, just("/limits")},
      {"PUT /limits", "admin", "limits_update", "control", 200,
       [](const Stage& stage) {
         // Lowered first, which is never gated, so that what is swept loosens.
         const auto limit = [](int requests) {
           return Json{{"raw_delete", {{"requests", requests}, {"window_seconds", 60}}}};
         };
         stage.world.call("PUT", "/limits", World::in(stage.tenant.owner, stage.tenant.id, stage.env), limit(999'000));
         return json("/limits", limit(1'000'000));
       }},
  };
}

}  // namespace nexus::test
