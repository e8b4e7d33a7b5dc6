// A change of rights holds for the very next request after its answer, whatever is remembered of the caller: readers
// ask without a pause meanwhile, so that something always is.
#include <atomic>
#include <functional>
#include <thread>

#include "tests/api/expect.hpp"
#include "tests/api/world.hpp"
#include "tests/catch.hpp"

namespace nexus::test {
namespace {

/// Asks without a pause, on connections of its own, until it ends.
class Askers {
 public:
  Askers(World& world, const std::string& target, const Headers& headers) {
    for (int i = 0; i < 3; ++i)
      threads_.emplace_back([&world, target, headers, this] {
        Client client(world.daemon().address());
        while (!stop_) {
          client.request("GET", target, headers);
          ++asked_;
        }
      });
  }
  ~Askers() {
    stop_ = true;
    for (auto& thread : threads_) thread.join();
  }
  Askers(const Askers&) = delete;
  Askers& operator=(const Askers&) = delete;
  /// Waits until each change was preceded by an answer.
  void wait() {
    for (const int before = asked_; asked_ < before + 6;) std::this_thread::yield();
  }

 private:
  std::atomic<bool> stop_ = false;
  std::atomic<int> asked_ = 0;
  std::vector<std::thread> threads_;
};

struct Fresh {
  World& world = shared_world();
  Tenant tenant = world.new_tenant_with_members();

  std::string read() { return outcome(world.call("GET", "/feature-flags", World::in(tenant.viewer, tenant.id))); }
  /// Ends and gives back a right of the viewer, again and again: the next read knows either.
  void turn(const Person& asker, const std::string& refusal, const std::function<void()>& end,
            const std::function<void()>& give_back) {
    Askers askers(world, "/feature-flags", World::in(asker, tenant.id));
    for (int round = 0; round < 15; ++round) {
      INFO("round " << round);
      REQUIRE(read() == "200");
      askers.wait();
      end();
      REQUIRE(read() == refusal);
      askers.wait();
      give_back();
    }
  }
};

}  // namespace

TEST_CASE("the end of a membership, and its return, hold for the very next read", "[freshness]") {
  Fresh fresh;
  World& world = fresh.world;
  const std::string member = "/tenants/" + fresh.tenant.id + "/members/" + fresh.tenant.viewer.id;
  fresh.turn(
      fresh.tenant.viewer, "403 auth.not_a_member",
      [&] { REQUIRE(outcome(world.call("DELETE", member, World::as(fresh.tenant.owner))) == "204"); },
      [&] { world.set_member(fresh.tenant.id, fresh.tenant.viewer.id, "viewer"); });
}

TEST_CASE("the status of a tenant holds for the very next read", "[freshness]") {
  Fresh fresh;
  fresh.turn(
      fresh.tenant.viewer, "403 tenant.disabled", [&] { fresh.world.set_status(fresh.tenant.id, "disabled"); },
      [&] { fresh.world.set_status(fresh.tenant.id, "active"); });
}

TEST_CASE("a switch that names a user holds for their very next read", "[freshness]") {
  Fresh fresh;
  const auto patch = [&](const char* how) {
    const Json user = {{"kind", "user"}, {"name", fresh.tenant.viewer.id}};
    REQUIRE(outcome(fresh.world.call("PATCH", "/kill-switches", World::in(fresh.tenant.admin, fresh.tenant.id),
                                     Json{{how, {user}}})) == "200");
  };
  // Another one asks meanwhile: each refusal by a switch leaves a row in the audit log.
  fresh.turn(
      fresh.tenant.member, "403 kill_switch_blocked", [&] { patch("block"); }, [&] { patch("allow"); });
}

TEST_CASE("a revoked token is refused by the very next read", "[freshness]") {
  Fresh fresh;
  World& world = fresh.world;
  for (int round = 0; round < 10; ++round) {
    const Answer made = world.call("POST", "/tokens", World::as(world.root()),
                                   Json{{"user_id", fresh.tenant.viewer.id}, {"name", "short"}});
    REQUIRE(made.status == 201);
    const Person holder{fresh.tenant.viewer.id, made.json.at("token").get<std::string>()};
    Askers askers(world, "/kill-switches", World::in(holder, fresh.tenant.id));
    askers.wait();
    const std::string id = made.json.at("token_id").get<std::string>();
    REQUIRE(outcome(world.call("DELETE", "/tokens/" + id, World::as(world.root()))) == "204");
    REQUIRE(outcome(world.call("GET", "/kill-switches", World::in(holder, fresh.tenant.id))) ==
            "401 auth.token_revoked");
  }
}

TEST_CASE("a role and a limit hold for the very next request", "[freshness]") {
  Fresh fresh;
  World& world = fresh.world;
  Askers askers(world, "/kill-switches", World::in(fresh.tenant.admin, fresh.tenant.id));
  for (int round = 0; round < 10; ++round) {
    INFO("round " << round);
    askers.wait();
    const int requests = 100'000 + 2 * round;
    const Json limits = {{"card_read", {{"requests", requests}, {"window_seconds", 60}}}};
    const auto put = [&] {
      return outcome(world.call("PUT", "/limits", World::in(fresh.tenant.admin, fresh.tenant.id), limits));
    };
    world.set_member(fresh.tenant.id, fresh.tenant.admin.id, "viewer");
    REQUIRE(put() == "403 auth.insufficient_role");
    world.set_member(fresh.tenant.id, fresh.tenant.admin.id, "admin");
    REQUIRE(put() == "200");
    const Answer read = world.call("GET", "/nexus/cards/none", World::in(fresh.tenant.viewer, fresh.tenant.id));
    const auto policy = [](int quota) { return "\"default\";q=" + std::to_string(quota) + ";w=60"; };
    // A daemon that knows of the other grants its own part.
    const std::string told = read.header("ratelimit-policy");
    REQUIRE((told == policy(requests) || (world.daemons() > 1 && told == policy(requests / world.daemons()))));
  }
}

}  // namespace nexus::test
