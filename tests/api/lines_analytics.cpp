// Lines of analytics.
#include "tests/api/lines.hpp"

namespace nexus::test {

Lines analytics_lines() {
  const auto told = [](const char* target) {
    return [target](const Stage&) { return json(target, {{"surface", "site"}, {"path", "/pricing"}}); };
  };
  return {
      {"POST /analytics/events/pageview", "member", "analytics_pageview", "telemetry", 202,
       told("/analytics/events/pageview")},
      {"POST /analytics/events/cta-click", "member", "analytics_cta_click", "telemetry", 202,
       told("/analytics/events/cta-click")},
  };
}

}  // namespace nexus::test
