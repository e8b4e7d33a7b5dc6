// P5 and P6: a daemon is cut off from the server, without a word, or frozen, while it holds the lock of a realm. The
// server ends its session, and another daemon goes on; the one that comes back is told so, and nothing is there twice.
#include <csignal>
#include <cstdio>

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
  void cut_off() {
    const auto reconnect = [&] {
      relay.carry();
      relay.cut();
    };
    meet_a_lock([&] { relay.swallow(); }, reconnect);
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

TEST_CASE("the control: without a limit for idle transactions the other daemon is stuck", "[fleet][P5][P6]") {
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
    scene.cut_off();
    const auto [status, took] = scene.write();
    CHECK(status == 200);
    CHECK(took < seconds(5));
    std::printf("half open: the other daemon waited %ld ms\n", took.count());
    if (many(1, 0) != 0) {
      const auto start = Clock::now();
      Client client(scene.faulty().address());
      CHECK(client.request("GET", "/nexus/cards", scene.fleet.in_dev()).status == 503);
      std::printf("half open: a read was refused after %ld ms\n", since(start).count());
    } else {
      scene.relay.cut();
    }
    scene.relay.carry();
    // A lane waits longer for an answer than wait_for() does.
    const std::size_t before = scene.memory.acknowledged().size();
    CHECK((scene.memory.wait_for(before + 1) || scene.memory.wait_for(before + 1)));
  }
  CHECK(settle_and_compare(scene.fleet, scene.memory) == std::vector<std::string>{});
}
