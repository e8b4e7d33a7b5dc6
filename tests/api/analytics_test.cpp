// Analytics: an event of the surface that the body names, its flags, and gates that refuse.
#include "tests/api/expect.hpp"
#include "tests/api/world.hpp"
#include "tests/catch.hpp"

namespace nexus::test {
namespace {

struct Analytics {
  World& world = shared_world();
  Tenant tenant = world.new_tenant_with_members();

  Answer tell(const std::string& what, const Json& body, const std::string& role = "member",
              const std::string& env = "dev") {
    return world.call("POST", "/analytics/events/" + what, World::in(tenant.at(role), tenant.id, env), body);
  }
  Json events() { return world.call("GET", "/events", World::in(tenant.admin, tenant.id)).json.at("items"); }
};

}  // namespace

TEST_CASE("a page view and a click become events of the surface that they name", "[analytics]") {
  Analytics analytics;
  const Json view = {{"surface", "landing"},
                     {"url", "https://shop.example/pricing?plan=a"},
                     {"path", "/pricing"},
                     {"title", "Pricing"},
                     {"referrer", "https://search.example/"},
                     {"page_type", "product"},
                     {"utm_source", "mail"},
                     {"utm_medium", "m"},
                     {"utm_campaign", "spring"},
                     {"utm_term", "t"},
                     {"utm_content", "c"},
                     {"seo_slug", "pricing"},
                     {"seo_title", "Our prices"},
                     {"seo_description", "What it costs"}};
  Json sent = view;
  sent["metadata"] = {{"scroll", 40}};
  const Answer told = analytics.tell("pageview", sent);
  REQUIRE(told.status == 202);
  CHECK(told.json["pii_flags"] == Json::array());
  CHECK(told.json["train_ok"] == true);
  CHECK(told.has("nexus-audit-seq"));
  const Answer click = analytics.tell("cta-click", {{"surface", "landing"}, {"cta_id", "buy"}, {"label", "Buy now"}});
  REQUIRE(click.status == 202);
  const Json events = analytics.events();
  REQUIRE(events.size() == 2);
  CHECK(events[0]["event_type"] == "analytics_cta_click");
  CHECK(events[0]["event_id"] == click.json["event_id"]);
  CHECK(events[0]["input"] == Json{{"cta_id", "buy"}, {"label", "Buy now"}});
  CHECK(events[1]["event_type"] == "analytics_pageview");
  CHECK(events[1]["event_id"] == told.json["event_id"]);
  CHECK(events[1]["surface"] == "landing");
  CHECK(events[1]["metadata"] == Json{{"scroll", 40}});
  Json input = view;
  input.erase("surface");
  CHECK(events[1]["input"] == input);
}

TEST_CASE("what is personal in analytics is flagged in the answer and masked in the event", "[analytics]") {
  Analytics analytics;
  const Answer told = analytics.tell("pageview", {{"surface", "site"},
                                                  {"url", "https://shop.example/?mail=jane.roe@example.com"},
                                                  {"metadata", {{"deep", {{"phone", "+1 415-555-0132"}}}}}});
  REQUIRE(told.status == 202);
  CHECK(told.json["pii_flags"] == Json({"email", "phone"}));
  CHECK(told.json["train_ok"] == false);
  const std::string event = analytics.events().at(0).dump();
  CHECK(event.find("jane.roe") == std::string::npos);
  CHECK(event.find("555-0132") == std::string::npos);
  CHECK(event.find("[REDACTED:email]") != std::string::npos);
}

TEST_CASE("models do not learn from the analytics of a tenant that opted out", "[analytics]") {
  Analytics analytics;
  REQUIRE(analytics.world
              .call("PUT", "/privacy/training", World::in(analytics.tenant.admin, analytics.tenant.id),
                    Json{{"opt_out", true}})
              .status == 200);
  CHECK(analytics.tell("pageview", {{"surface", "site"}}).json["train_ok"] == false);
}

TEST_CASE("analytics that a gate refuses are refused, with their surface in the decision, and leave no event",
          "[analytics]") {
  Analytics analytics;
  const Json body = {{"surface", "site"}, {"path", "/"}};
  REQUIRE(analytics.world
              .put_kill_switches(analytics.tenant.admin, analytics.tenant.id,
                                 {{"disabled_actions", {"analytics_pageview"}}})
              .status == 200);
  const Answer blocked = analytics.tell("pageview", body);
  CHECK(outcome(blocked) == "403 kill_switch_blocked");
  CHECK(blocked.json["decision"]["surface"] == "site");
  CHECK(blocked.has("nexus-audit-seq"));
  CHECK(analytics.tell("cta-click", body).status == 202);
  CHECK(analytics.events().size() == 1);
  // Nobody configured a lock: staging is strict.
  const Answer strict = analytics.tell("pageview", body, "member", "staging");
  CHECK(outcome(strict) == "409 strategy_lock_required");
  CHECK(strict.json["decision"]["surface"] == "site");
}

TEST_CASE("a bad field of analytics is named", "[analytics]") {
  Analytics analytics;
  const std::pair<Json, const char*> cases[] = {
      {Json::object(), "/surface"},
      {{{"surface", ""}}, "/surface"},
      {{{"surface", "*"}}, "/surface"},
      {{{"surface", "a b"}}, "/surface"},
      {{{"surface", "s"}, {"url", ""}}, "/url"},
      {{{"surface", "s"}, {"url", std::string(2049, 'x')}}, "/url"},
      {{{"surface", "s"}, {"title", 1}}, "/title"},
      {{{"surface", "s"}, {"utm_term", std::string(257, 'x')}}, "/utm_term"},
      {{{"surface", "s"}, {"metadata", 1}}, "/metadata"},
      {{{"surface", "s"}, {"metadata", {{"a", std::string(16384, 'x')}}}}, "/metadata"},
  };
  for (const char* what : {"pageview", "cta-click"})
    for (const auto& [body, pointer] : cases) {
      INFO(what << " " << pointer);
      const Answer answer = analytics.tell(what, body);
      CHECK(outcome(answer).starts_with("422 validation.failed"));
      CHECK(pointers(answer).find(pointer) == 0);
    }
  CHECK(outcome(analytics.tell("pageview", {{"surface", "s"}, {"utm_sauce", "x"}})) == "422 validation.unknown_field");
  CHECK(outcome(analytics.tell("pageview", {{"surface", "s"}}, "viewer")) == "403 auth.insufficient_role");
  CHECK(analytics.events().empty());
}

}  // namespace nexus::test
