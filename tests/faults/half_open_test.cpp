// P5 and P6: a daemon is cut off from the server, without a word, or frozen, while it holds the lock of a realm. The
// server ends its session, and another daemon goes on; the one that comes back is told so, and nothing is there twice.
#include <csignal>
#include <cstdio>
#include <future>

#include "tests/catch.hpp"
#include "tests/faults/fleet.hpp"
#include "tests/support/databases.hpp"
#include "tests/support/postgres_server.hpp"
#include "tests/support/relay.hpp"

using namespace nexus::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

using Clock = std::chrono::steady_clock;

// Each way. So a transaction waits for the daemon most of its time, and a fault soon meets one.
constexpr milliseconds kFarAway{3};
// A daemon that hears nothing says so when others take it for gone, and tries to connect all the time.
constexpr seconds kUnreadyWithin{14}, kReadyWithin{10};
constexpr std::size_t kFree = 0, kFaulty = 1;  // the daemons of a scene

/// A daemon that reaches the server through a relay and is kept busy, and one beside it that is neither.
struct Scene {
  explicit Scene(const std::string& from = {}, const std::string& to = {})
      : relay(server.socket_directory(), kFarAway, from, to),
        fleet({server.url(), "postgresql://nexus@/postgres?host=" + relay.socket_directory().string()}) {}

  DaemonProcess& faulty() { return fleet.at(kFaulty); }
  /// Causes the fault until it meets a transaction that holds the lock of a realm.
  template <class Cause, class Undo>
  void meet_a_lock(Cause cause, Undo undo) {
    for (int tries = 0; tries < 200; ++tries) {
      cause();
      if (is_lock_left()) return;
      undo();
      time_of_more(memory, 1);
    }
    throw std::runtime_error("no fault met a transaction");
  }
  void freeze() {
    meet_a_lock([&] { faulty().signal(SIGSTOP); }, [&] { faulty().signal(SIGCONT); });
  }
  /// Nothing goes through any more, from where the server has given the lock of a realm and says so. Returns the number
  /// of that transaction.
  std::int64_t cut_off() {
    {
      const HeldRealm held(server.url(), {.tenant = "t_dev", .env = "dev"});
      REQUIRE(held.has_waiter(fleet.data_dir(kFree), "nexusd", seconds(20)));
      relay.swallow();
    }
    return await_count(fleet.data_dir(kFree),
                       "SELECT coalesce(max(CAST(CAST(backend_xid AS text) AS bigint)), 0) FROM pg_stat_activity "
                       "WHERE state = 'idle in transaction'");
  }
  bool is_aborted(std::int64_t transaction) {
    return count(fleet.data_dir(kFree), "SELECT count(*) WHERE pg_xact_status(CAST('" + std::to_string(transaction) +
                                            "' AS xid8)) = 'aborted'") == 1;
  }
  /// How long it took until a daemon answered so whether it is ready.
  milliseconds time_until_ready(std::size_t daemon, int status) {
    const auto start = Clock::now();
    Client client(fleet.at(daemon).address());
    while (client.request("GET", "/readyz").status != status) {
      if (since(start) > seconds(60)) throw std::runtime_error("/readyz does not answer " + std::to_string(status));
      std::this_thread::sleep_for(milliseconds(20));
    }
    return since(start);
  }
  /// A write to the same realm through the daemon that is free: its status, and how long it took.
  std::pair<int, milliseconds> write() {
    const auto start = Clock::now();
    Client client(fleet.at(kFree).address());
    const int status = send_presign(client, fleet, memory, memory.take(), Retry::with_key);
    return {status, since(start)};
  }

  PostgresServer server;
  Relay relay;
  Fleet fleet;
  Memory memory{Kind::presign};

 private:
  /// A session that is only between two round trips has soon gone on.
  bool is_lock_left() {
    if (count_locks(0) == 0) return false;
    std::this_thread::sleep_for(milliseconds(150));
    return count_locks(100) > 0;
  }
  std::int64_t count_locks(int idle_millis) {
    return count(fleet.data_dir(kFree),
                 "SELECT count(*) FROM pg_stat_activity AS a JOIN pg_locks AS l ON l.pid = a.pid AND l.granted AND "
                 "l.locktype = 'advisory' AND l.mode = 'ExclusiveLock' WHERE a.state LIKE 'idle in transaction%' AND "
                 "a.state_change < clock_timestamp() - CAST('" +
                     std::to_string(idle_millis) + " ms' AS interval)");
  }
};

}  // namespace

TEST_CASE("a daemon that is frozen in a transaction stops another one for seconds only", "[fleet][P6]") {
  if (!is_on_postgres()) return;
  Scene scene;
  milliseconds slowest{0};
  const int rounds = many(20, 1);
  {
    const FleetLoad load(scene.fleet, scene.memory, 4, Retry::with_key, kFaulty);
    for (int i = 0; i < rounds; ++i) {
      scene.freeze();
      const auto [status, took] = scene.write();
      CHECK(status == 200);
      CHECK(took < seconds(5));
      slowest = std::max(slowest, took);
      scene.faulty().signal(SIGCONT);
      time_of_more(scene.memory, 1);
    }
  }
  CHECK(settle_and_compare(scene.fleet, scene.memory) == std::vector<std::string>{});
  std::printf("%d freezes, the other daemon waited at most %ld ms\n", rounds, slowest.count());
}

TEST_CASE("the control: without a limit for idle transactions the other daemon is stuck", "[fleet][P6]") {
  if (!is_on_postgres()) return;
  Scene scene("idle_in_transaction_session_timeout = 2000", "idle_in_transaction_session_timeout = 0000");
  {
    const FleetLoad load(scene.fleet, scene.memory, 4, Retry::with_key, kFaulty);
    scene.freeze();
    const auto [status, took] = scene.write();
    CHECK(status == 503);
    CHECK(took > seconds(4));
    scene.faulty().signal(SIGCONT);
    time_of_more(scene.memory, 1);
  }
  CHECK(settle_and_compare(scene.fleet, scene.memory) == std::vector<std::string>{});
}

TEST_CASE("a daemon that is cut off without a word stops another one for seconds only, and comes back", "[fleet][P5]") {
  if (!is_on_postgres()) return;
  Scene scene;
  {
    const FleetLoad load(scene.fleet, scene.memory, 4, Retry::with_key, kFaulty);
    const std::int64_t left = scene.cut_off();
    const auto cut_at = Clock::now();
    auto read = std::async(std::launch::async, [&] {
      return Client(scene.faulty().address()).request("GET", "/nexus/cards", scene.fleet.in_dev()).status;
    });
    const auto [status, took] = scene.write();
    CHECK(status == 200);
    CHECK(took < seconds(3));
    CHECK(scene.is_aborted(left));
    scene.time_until_ready(kFaulty, 503);
    const auto unready = since(cut_at);
    CHECK(unready < kUnreadyWithin);
    CHECK(scene.time_until_ready(kFree, 200) < seconds(1));
    CHECK(read.get() == 503);
    scene.relay.carry();
    scene.relay.cut();
    const auto ready = scene.time_until_ready(kFaulty, 200);
    CHECK(ready < kReadyWithin);
    time_of_more(scene.memory, 1);
    CHECK(scene.is_aborted(left));
    std::printf(
        "half open: the other daemon waited %ld ms, this one was unready after %ld ms, and ready %ld ms after "
        "the end of it\n",
        took.count(), unready.count(), ready.count());
  }
  CHECK(settle_and_compare(scene.fleet, scene.memory) == std::vector<std::string>{});
}

TEST_CASE("the control: without a limit for idle transactions a daemon that is cut off stops the other one",
          "[fleet][P5]") {
  if (!is_on_postgres()) return;
  Scene scene("idle_in_transaction_session_timeout = 2000", "idle_in_transaction_session_timeout = 0000");
  {
    const FleetLoad load(scene.fleet, scene.memory, 4, Retry::with_key, kFaulty);
    const std::int64_t left = scene.cut_off();
    const auto [status, took] = scene.write();
    CHECK(status == 503);
    CHECK(took > seconds(4));
    CHECK_FALSE(scene.is_aborted(left));
    scene.relay.carry();
    scene.relay.cut();
    time_of_more(scene.memory, 1);
  }
  CHECK(settle_and_compare(scene.fleet, scene.memory) == std::vector<std::string>{});
}
