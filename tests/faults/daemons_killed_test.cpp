// P1 and P2: daemons on one PostgreSQL are killed under load, and so are the sessions and the postmaster of the server.
// Clients try again, with the same Idempotency-Key, at whichever daemon answers. What they were told must be there,
// once, and nothing else, and each chain is dense.
#include <csignal>
#include <cstdio>
#include <random>

#include "tests/catch.hpp"
#include "tests/faults/fleet.hpp"
#include "tests/support/databases.hpp"
#include "tests/support/postgres_server.hpp"

using namespace nexus::test;
using std::chrono::milliseconds;

namespace {

constexpr int kThreads = 6;

/// Kills a daemon after 1 to 30 more acknowledgements, and starts it again.
void kill_one(Fleet& fleet, Memory& memory, std::mt19937& random) {
  time_of_more(memory, 1 + random() % 30);
  std::this_thread::sleep_for(std::chrono::microseconds(random() % 3000));  // every step of a group is met
  const std::size_t victim = random() % fleet.size();
  fleet.at(victim).kill();
  fleet.start_again(victim);
}

std::size_t rows_too_many(const Fleet& fleet, const Memory& memory) {
  const auto rows = count(fleet.data_dir(0), "SELECT count(*) FROM raw_assets");
  return static_cast<std::size_t>(rows) - memory.acknowledged().size();
}

}  // namespace

TEST_CASE("daemons of one database that are killed under load lose nothing and do nothing twice", "[fleet][P1]") {
  if (!is_on_postgres()) return;
  PostgresServer server;
  Fleet fleet({server.url(), server.url(), server.url()});
  Memory memory(Kind::presign);
  std::mt19937 random(std::random_device{}());
  const int kills = many(200, 5);
  {
    const FleetLoad load(fleet, memory, kThreads);
    for (int i = 0; i < kills; ++i) kill_one(fleet, memory, random);
  }
  CHECK(settle_and_compare(fleet, memory) == std::vector<std::string>{});
  std::printf("%d kills of 3 daemons, %zu acknowledged, %lu of them replayed\n", kills, memory.acknowledged().size(),
              memory.replayed());
}

TEST_CASE("the control: clients that try again without a key do some of it twice when daemons are killed",
          "[fleet][P1]") {
  if (!is_on_postgres()) return;
  PostgresServer server;
  Fleet fleet({server.url(), server.url()});
  Memory memory(Kind::presign);
  std::mt19937 random(std::random_device{}());
  int kills = 0;
  for (; kills < 100; ++kills) {
    {
      const FleetLoad load(fleet, memory, kThreads, Retry::without_key);
      kill_one(fleet, memory, random);
    }
    if (rows_too_many(fleet, memory) > 0) break;
  }
  CHECK(rows_too_many(fleet, memory) > 0);
  std::printf("without keys: %d kills until something was there twice\n", kills + 1);
}

TEST_CASE("sessions and the postmaster of the server are killed under load, and every answer stays true",
          "[fleet][P2]") {
  if (!is_on_postgres()) return;
  PostgresServer server;
  Fleet fleet({server.url(), server.url()});
  Memory memory(Kind::presign);
  std::mt19937 random(std::random_device{}());
  const int kills = many(100, 4);
  milliseconds slowest{0};
  {
    const FleetLoad load(fleet, memory, kThreads);
    for (int i = 0; i < kills; ++i) {
      time_of_more(memory, 1 + random() % 30);
      if (i % 2 == 0) {
        const auto session = count(fleet.data_dir(0),
                                   "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> "
                                   "pg_backend_pid() ORDER BY state_change DESC LIMIT 1");
        REQUIRE(session > 0);
        ::kill(static_cast<pid_t>(session), SIGKILL);
      } else {
        server.kill();
        server.start_again();
      }
      slowest = std::max(slowest, time_of_more(memory, 1));
    }
  }
  CHECK(settle_and_compare(fleet, memory) == std::vector<std::string>{});
  std::printf(
      "%d kills of sessions and of the postmaster, %zu acknowledged, %lu replayed, writing again within %ld ms\n",
      kills, memory.acknowledged().size(), memory.replayed(), slowest.count());
}
