// P7: many daemons start at once on a server that takes few connections. None ends: those for which there is no place
// wait, each in its own time, and say why. When others stop, they serve.
#include <cstdio>
#include <future>

#include "tests/catch.hpp"
#include "tests/faults/fleet.hpp"
#include "tests/support/databases.hpp"
#include "tests/support/postgres_server.hpp"
#include "tests/support/second_daemon.hpp"

using namespace nexus::test;

namespace {

constexpr const char* kWaits = "lets nobody in now: trying again";

/// Starts it, ends it when it serves, and returns its log; where it never served, the log says so.
std::string live(const DaemonOptions& options) {
  try {
    DaemonProcess daemon(options);
    const bool is_alive = Client(daemon.address()).request("GET", "/livez").status == 200;
    return is_alive && daemon.stop() == 0 ? daemon.log() : "never served: " + daemon.log();
  } catch (const std::exception& error) {
    return "never served: " + std::string(error.what());
  }
}

}  // namespace

TEST_CASE("many daemons that start at once on a server with few connections wait, and all come to serve",
          "[fleet][P7]") {
  if (!is_on_postgres()) return;
  const int daemons = many(50, 12);
  PostgresServer server({"max_connections=" + std::to_string(many(60, 30))});
  const TemporaryDirectory directory;
  std::vector<DaemonOptions> options;
  {
    give_database(server.url(), directory.path() / "first");
    const DaemonProcess first(loaded(directory.path() / "first"));  // makes the keys that all have
    for (int i = 0; i < daemons; ++i) {
      options.push_back(beside(first, loaded({}), directory.path() / ("data-" + std::to_string(i)), server.url()));
      options.back().ready_within = std::chrono::minutes(2);
    }
  }
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::future<std::string>> logs;
  for (const DaemonOptions& each : options)
    logs.push_back(std::async(std::launch::async, [&each] { return live(each); }));
  int waited = 0;
  for (auto& log : logs) {
    const std::string said = log.get();
    if (said.find(kWaits) != std::string::npos) ++waited;
    INFO(said);
    CHECK_FALSE(said.starts_with("never served"));
  }
  CHECK(waited > 0);  // the control: there were too few places
  std::printf("%d daemons at once, %d of them waited, all had served after %ld ms\n", daemons, waited,
              since(start).count());
}
