// Suspended and disabled tenants: what a stop stops, and that it never stops the brakes. In a suspended tenant what
// only tightens is done, and reads are served; in a disabled one the system role still repairs.
#include "tests/api/expect.hpp"
#include "tests/api/routes.hpp"
#include "tests/catch.hpp"

namespace nexus::test {
namespace {

/// Requests that are done while a tenant is suspended, as the lines of the sweeps ask them: they only take away, or
/// they change nothing of the tenant's. A mutation that is not here is refused.
const std::set<std::string> kDoneWhileSuspended = {
    "DELETE /tenants/{tenant_id}/members/{user_id}",
    "DELETE /tenants/{tenant_id}/tokens/{token_id}",
    // The lines change a reason, or lift what is not thrown.
    "PUT /kill-switches",
    "PATCH /kill-switches",
    "POST /tenants/{tenant_id}/kill-switches",
    "PATCH /firearms/licences/{licence_id}",  // revokes
    "PUT /firearms/dangerous-actions",
    "POST /audit/{seq}/erase",
    "POST /audit/checkpoint",
    "POST /tickets",
};

/// What the system role may do in a disabled tenant.
const std::set<std::string> kRepairs = {
    "GET /tenants/{tenant_id}",
    "PATCH /tenants/{tenant_id}",
    "GET /tenants/{tenant_id}/members",
    "PUT /tenants/{tenant_id}/members/{user_id}",
    "DELETE /tenants/{tenant_id}/members/{user_id}",
    "GET /tenants/{tenant_id}/tokens",
    "DELETE /tenants/{tenant_id}/tokens/{token_id}",
    "GET /kill-switches",
    "GET /kill-switches/actions",
    "PUT /kill-switches",
    "PATCH /kill-switches",
    "POST /tenants/{tenant_id}/kill-switches",
};

/// Every route of a tenant that members may ask, filled before the tenant is stopped.
struct Stopped {
  World& world = shared_world();
  Tenant tenant = world.new_tenant_with_members();
  std::vector<std::pair<ApiRoute, Filled>> requests;

  explicit Stopped(const Person& who, const std::string& status) {
    for (const ApiRoute& route : all_routes(world))
      if (route.has_tenant()) requests.emplace_back(route, route.line.fill({world, tenant, owner_for(who)}));
    world.set_status(tenant.id, status);
  }

  Person owner_for(const Person& who) const { return who.id.empty() ? tenant.owner : who; }
  std::string send(const ApiRoute& route, const Filled& filled, const Person& who) {
    return outcome(
        world.call(route.method, filled.target, good_headers(route, {world, tenant, who}, filled), filled.body));
  }
};

/// A suspended tenant with a second owner.
struct Suspended {
  World& world = shared_world();
  Tenant tenant = world.new_tenant_with_members();

  Suspended() { world.set_member(tenant.id, second.id, "owner"); }
  Person second = world.new_person();

  void suspend() { world.set_status(tenant.id, "suspended"); }
  std::string ask(const std::string& method, const std::string& target, const Person& who, const Json& body = {}) {
    const bool identity = target.starts_with("/tenants/") || target.starts_with("/tokens");
    const Headers headers = identity ? World::as(who) : World::in(who, tenant.id);
    return outcome(body.is_null() ? world.call(method, target, headers) : world.call(method, target, headers, body));
  }
  std::string member(const Person& who) const { return "/tenants/" + tenant.id + "/members/" + who.id; }
};

const std::string kStopped = "403 tenant.suspended";

}  // namespace

TEST_CASE("a suspended tenant can be read, and of its mutations those are done that only tighten") {
  Stopped stopped({}, "suspended");
  for (const auto& [route, filled] : stopped.requests) {
    if (route.line.access == "system") continue;
    INFO(route.name());
    const bool done = !route.mutates() || kDoneWhileSuspended.contains(route.name());
    CHECK(stopped.send(route, filled, stopped.tenant.owner) == (done ? route.done() : kStopped));
  }
}

TEST_CASE("in a suspended tenant the system role repairs, and is stopped where members are") {
  World& world = shared_world();
  Stopped stopped(world.root(), "suspended");
  for (const auto& [route, filled] : stopped.requests) {
    INFO(route.name());
    const bool done = !route.mutates() || kDoneWhileSuspended.contains(route.name()) || kRepairs.contains(route.name());
    CHECK(stopped.send(route, filled, world.root()) == (done ? route.done() : kStopped));
  }
}

TEST_CASE("a disabled tenant refuses every request of its members") {
  Stopped stopped({}, "disabled");
  for (const auto& [route, filled] : stopped.requests) {
    if (route.line.access == "system") continue;
    INFO(route.name());
    CHECK(stopped.send(route, filled, stopped.tenant.owner) == "403 tenant.disabled");
  }
  stopped.world.set_status(stopped.tenant.id, "active");
  CHECK(outcome(stopped.world.call("GET", "/nexus/raw", World::in(stopped.tenant.viewer, stopped.tenant.id))) == "200");
}

TEST_CASE("in a disabled tenant the system role still lists and changes members, tokens, switches and status") {
  World& world = shared_world();
  Stopped stopped(world.root(), "disabled");
  for (const auto& [route, filled] : stopped.requests) {
    INFO(route.name());
    CHECK(stopped.send(route, filled, world.root()) ==
          (kRepairs.contains(route.name()) ? route.done() : "403 tenant.disabled"));
  }
}

TEST_CASE("in a suspended tenant an owner shuts people out, and lets nobody in") {
  Suspended s;
  const Person stranger = s.world.new_person();
  s.suspend();
  CHECK(s.ask("PUT", s.member(s.tenant.admin), s.tenant.owner, {{"role", "viewer"}}) == "200");
  CHECK(s.ask("PUT", s.member(s.tenant.admin), s.tenant.owner, {{"role", "viewer"}}) == "200");  // as it is
  CHECK(s.ask("PUT", s.member(s.tenant.admin), s.tenant.owner, {{"role", "member"}}) == kStopped);
  CHECK(s.ask("PUT", s.member(stranger), s.tenant.owner, {{"role", "viewer"}}) == kStopped);
  CHECK(s.ask("PUT", s.member({"u_nobody", ""}), s.tenant.owner, {{"role", "viewer"}}) == kStopped);
  CHECK(s.ask("PUT", s.member(s.tenant.owner), s.second, {{"role", "admin"}}) == "200");
  CHECK(s.ask("DELETE", s.member(s.tenant.member), s.tenant.owner) == "204");
  CHECK(s.ask("DELETE", s.member(s.tenant.viewer), s.tenant.viewer) == "204");  // leaves
  CHECK(s.ask("DELETE", s.member(s.second), s.second) == "409 membership.last_owner");
  CHECK(s.ask("GET", "/nexus/raw", s.tenant.viewer) == "403 auth.not_a_member");
}

TEST_CASE("in a suspended tenant one opts out, and not in again") {
  Suspended s;
  s.suspend();
  const std::string mine = "/privacy/training/users/" + s.tenant.viewer.id;
  CHECK(s.ask("PUT", mine, s.tenant.viewer, {{"opt_out", true}}) == "200");
  CHECK(s.ask("PUT", mine, s.tenant.viewer, {{"opt_out", false}}) == kStopped);
  CHECK(s.ask("PUT", "/privacy/training", s.tenant.admin, {{"opt_out", true}}) == "200");
  CHECK(s.ask("PUT", "/privacy/training", s.tenant.admin, {{"opt_out", false}}) == kStopped);
}

TEST_CASE("in a suspended tenant a kill switch is thrown, and not lifted") {
  Suspended s;
  s.suspend();
  CHECK(s.ask("PUT", "/kill-switches", s.tenant.admin, {{"disabled_actions", {"raw_read"}}}) == "200");
  CHECK(s.ask("GET", "/nexus/raw", s.tenant.viewer) == "403 kill_switch_blocked");
  CHECK(s.ask("PUT", "/kill-switches", s.tenant.admin, {{"disabled_actions", Json::array()}}) == kStopped);
}

TEST_CASE("in a suspended tenant other settings are tightened, and not loosened") {
  Suspended s;
  s.suspend();
  const Json few = {{"raw_read", {{"requests", 5000}, {"window_seconds", 60}}}};
  const Json more = {{"raw_read", {{"requests", 6000}, {"window_seconds", 60}}}};
  CHECK(s.ask("PUT", "/limits", s.tenant.admin, few) == "200");
  CHECK(s.ask("PUT", "/limits", s.tenant.admin, more) == kStopped);
  CHECK(s.ask("PUT", "/feature-flags", s.tenant.admin, {{"ws_enabled", false}}) == "200");
  CHECK(s.ask("PUT", "/feature-flags", s.tenant.admin, {{"ws_enabled", true}}) == kStopped);
  CHECK(s.ask("PUT", "/budget/policies", s.tenant.admin,
              {{"surface", "*"}, {"threshold", {{"amount_micros", 1}, {"currency", "USD"}}}, {"window_days", 7}}) ==
        "200");
  CHECK(s.ask("PUT", "/budget/policies", s.tenant.admin,
              {{"surface", "*"}, {"threshold", {{"amount_micros", 2}, {"currency", "USD"}}}, {"window_days", 7}}) ==
        kStopped);
}

TEST_CASE("a ticket opens a stream of a suspended tenant") {
  Suspended s;
  s.suspend();
  CHECK(s.ask("POST", "/tickets", s.tenant.admin, {{"route", "/sse/events"}}) == "201");
}

}  // namespace nexus::test
