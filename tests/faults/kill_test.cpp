// F1 and F9: the daemon is ended under load, by SIGKILL and by SIGTERM, at random moments, and started again on the
// same directory. Whatever a client was told must be there exactly once, and nothing else; the same retry, with the
// same Idempotency-Key, settles what it was not told.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "tests/catch.hpp"
#include "tests/faults/load.hpp"
#include "tests/support/client.hpp"

using namespace nexus::test;
using std::chrono::milliseconds;

namespace {

bool is_long() { return std::getenv("NEXUS_TEST_LONG") != nullptr; }

/// NEXUS_TEST_SEED repeats a run.
unsigned choose_seed() {
  const char* given = std::getenv("NEXUS_TEST_SEED");
  const unsigned seed = given != nullptr ? static_cast<unsigned>(std::stoul(given)) : std::random_device{}();
  std::printf("seed %u\n", seed);
  return seed;
}

struct Clients {
  Memory presigns{Kind::presign};
  Memory users{Kind::user};
  std::size_t acknowledged() const { return presigns.acknowledged().size() + users.acknowledged().size(); }
};

/// One life of the daemon under load. `end` is called at a random moment: after 1 to 150 more acknowledgements, and
/// some more microseconds, so that every step of a group commit is met.
template <class End>
void live_once(const std::filesystem::path& data, Clients& clients, std::mt19937& random, End end) {
  const auto start = std::chrono::steady_clock::now();
  DaemonProcess daemon(loaded(data));
  REQUIRE(Client(daemon.address()).request("GET", "/readyz").status == 200);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(2));
  const Load load(daemon, {&clients.presigns, &clients.users}, 3);
  REQUIRE(clients.presigns.wait_for(clients.presigns.acknowledged().size() + 1 + random() % 150));
  std::this_thread::sleep_for(std::chrono::microseconds(random() % 3000));
  end(daemon);
}

/// All that is still open is sent again; then the daemon ends, and its directory must tell what the clients know.
void judge(const std::filesystem::path& data, Clients& clients) {
  {
    DaemonProcess daemon(loaded(data));
    settle(daemon, clients.presigns);
    settle(daemon, clients.users);
    REQUIRE(daemon.stop() == 0);
  }
  CHECK(clients.presigns.complaints() == std::vector<std::string>{});
  CHECK(clients.users.complaints() == std::vector<std::string>{});
  CHECK(compare(data, kPresigned, clients.presigns.acknowledged()) == std::vector<std::string>{});
  CHECK(compare(data, kUsersCreated, clients.users.acknowledged()) == std::vector<std::string>{});
  CHECK(verify(data) == std::vector<std::string>{});
}

}  // namespace

TEST_CASE("killed under load, the daemon keeps all that it acknowledged, once", "[F1]") {
  const TemporaryDirectory directory;
  const auto data = directory.path() / "data";
  std::mt19937 random(choose_seed());
  Clients clients;
  const int rounds = is_long() ? 500 : 20;
  for (int i = 0; i < rounds; ++i) live_once(data, clients, random, [](DaemonProcess& daemon) { daemon.kill(); });
  judge(data, clients);
  std::printf("%d kills, %zu acknowledged, %lu of them replayed\n", rounds, clients.acknowledged(),
              clients.presigns.replayed() + clients.users.replayed());
}

TEST_CASE("told to stop under load, the daemon ends with status 0 and loses nothing", "[F9]") {
  const TemporaryDirectory directory;
  const auto data = directory.path() / "data";
  std::mt19937 random(choose_seed());
  Clients clients;
  const int rounds = is_long() ? 50 : 5;
  for (int i = 0; i < rounds; ++i) {
    live_once(data, clients, random, [](DaemonProcess& daemon) {
      daemon.signal(SIGTERM);
      CHECK(daemon.wait(std::chrono::seconds(10)) == 0);
    });
  }
  judge(data, clients);
}
