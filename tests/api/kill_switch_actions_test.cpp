// GET /kill-switches/actions: what a switch can stop and what one stops now, told by the gate itself.
#include <algorithm>

#include "tests/api/expect.hpp"
#include "tests/api/kill_switch_support.hpp"
#include "tests/catch.hpp"

namespace nexus::test {
namespace {

struct Listed : Switches {
  /// The line of one action; null where the list has none.
  Json state(const std::string& action) {
    const Answer answer = world.call("GET", "/kill-switches/actions", World::in(tenant.admin, tenant.id));
    REQUIRE(answer.status == 200);
    for (const Json& item : answer.json.at("items"))
      if (item.at("action") == action) return item;
    return nullptr;
  }
  /// `tenant raw_presign`, or `free`.
  std::string stopped(const std::string& action) {
    const Json item = state(action);
    if (item.is_null()) return "unknown";
    if (!item.at("blocked").get<bool>()) return "free";
    return item.at("blocked_by").get<std::string>() + " " + item.at("switch").get<std::string>();
  }
  std::string check(const std::string& action) {
    return outcome(world.call("POST", "/gates/check", World::in(tenant.member, tenant.id),
                              Json{{"action", action}, {"surface", "mail"}}));
  }
};

}  // namespace

TEST_CASE("the list of actions says of each what the gate does", "[kill]") {
  Listed switches;
  CHECK(switches.stopped("raw_presign") == "free");
  const std::string end = in_seconds(3600);
  REQUIRE(switches.patch({{"block", {entry("action", "raw_presign", {{"expires_at", end}})}}}).status == 200);
  CHECK(switches.stopped("raw_presign") == "tenant raw_presign");
  CHECK(switches.state("raw_presign").at("expires_at").get<std::string>().substr(0, 19) == end.substr(0, 19));
  CHECK(switches.presign() == "403 kill_switch_blocked");
  REQUIRE(switches.patch({{"block", {entry("action", "*")}}}).status == 200);
  CHECK(switches.stopped("raw_presign") == "tenant raw_presign");
  CHECK(switches.stopped("card_create") == "tenant *");
  CHECK(switches.stopped("card_read") == "free");  // "*" stops no read and no configuration
  CHECK(switches.stopped("firearms_update") == "free");
}

TEST_CASE("what no switch can stop is not in the list of actions", "[kill]") {
  Listed switches;
  CHECK(switches.state("kill_switch_read").is_object());
  CHECK(switches.state("kill_switch_update").is_null());
  CHECK(switches.state("token_create").is_null());
}

TEST_CASE("acts outside are listed where somebody named them, and stop with the act of asking", "[kill]") {
  Listed switches;
  CHECK(switches.stopped("publish_sensitive") == "free");
  CHECK(switches.stopped("send_mail") == "unknown");
  REQUIRE(switches.patch({{"block", {entry("action", "send_mail")}}}).status == 200);
  CHECK(switches.stopped("send_mail") == "tenant send_mail");
  REQUIRE(switches.patch({{"block", {entry("action", "gates_check")}}}).status == 200);
  CHECK(switches.stopped("publish_sensitive") == "tenant gates_check");
  CHECK(switches.stopped("send_mail") == "tenant send_mail");
  CHECK(switches.check("read_news") == "403 kill_switch_blocked");
  CHECK(switches.stopped("card_create") == "free");
}

TEST_CASE("what the operator stops is listed as the operator's, behind the tenant's own", "[kill]") {
  World world;
  const Tenant tenant = world.new_tenant_with_members();
  const auto stopped = [&](const std::string& action) {
    const Answer answer = world.call("GET", "/kill-switches/actions", World::in(tenant.admin, tenant.id));
    const Json& items = answer.json.at("items");
    const auto found = std::ranges::find_if(items, [&](const Json& item) { return item.at("action") == action; });
    return found->at("blocked_by").is_null() ? "free" : found->at("blocked_by").get<std::string>();
  };
  REQUIRE(world.put_kill_switches(world.root(), "t_system", {{"disabled_actions", {"*"}}}, "dev").status == 200);
  REQUIRE(world.put_kill_switches(tenant.admin, tenant.id, {{"disabled_actions", {"card_create"}}}, "dev").status ==
          200);
  CHECK(stopped("card_create") == "tenant");
  CHECK(stopped("raw_presign") == "operator");
  CHECK(stopped("card_read") == "free");
}

}  // namespace nexus::test
