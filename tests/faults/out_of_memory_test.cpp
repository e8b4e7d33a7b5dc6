// Where no memory is left, requests are refused and the daemon goes on. The limit on its address space is real; the
// requests that meet it are large bodies, which need more than the allocator still has.
#include <sys/resource.h>

#include <memory>

#include "tests/catch.hpp"
#include "tests/faults/load.hpp"
#include "tests/support/memory.hpp"
#include "tests/support/wire.hpp"

using namespace nexus::test;
using nexus::Json;

namespace {

constexpr std::size_t kHungryBytes = 1'000'000;
constexpr int kHungryRounds = 4;
constexpr int kHungryConnections = 30;

std::string hungry_head(const DaemonProcess& daemon, const std::string& line, std::size_t body_bytes) {
  return line + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + daemon.token() +
         "\r\nX-Tenant-Id: t_dev\r\nX-Env: dev\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body_bytes) + "\r\n\r\n";
}

void limit_memory(const DaemonProcess& daemon, rlim_t bytes) {
  const rlimit limit{bytes, RLIM_INFINITY};
  REQUIRE(::prlimit(daemon.pid(), RLIMIT_AS, &limit, nullptr) == 0);
}

Answer hungry_ask(const DaemonProcess& daemon, const std::string& bytes) {
  Wire wire(daemon.port());
  wire.send(bytes);
  return wire.answer();
}

}  // namespace

TEST_CASE("without memory requests are refused, and once there is some again all goes on") {
  // jemalloc 5.3.0 follows a null pointer where it finds no memory for a further arena of its own.
  DaemonProcess daemon({.environment = {{"MALLOC_CONF", "narenas:1"}}});
  const std::string body = R"({"filename":")" + std::string(kHungryBytes - 15, 'a') + "\"}";
  const std::string begin = hungry_head(daemon, "POST /nexus/raw/presign-upload", body.size());
  const std::string change = Json{{"filename", "a.txt"}}.dump();
  const std::string write = hungry_head(daemon, "POST /nexus/raw/presign-upload", change.size()) + change;
  REQUIRE(hungry_ask(daemon, write).status == 200);

  limit_memory(daemon, static_cast<rlim_t>(memory_mib(daemon.pid(), "VmSize") * 1024 * 1024));
  std::size_t refused = 0;
  for (int round = 0; round < kHungryRounds; ++round) {
    std::vector<std::unique_ptr<Wire>> wires;
    for (int i = 0; i < kHungryConnections; ++i) {
      if (daemon.exit_status()) FAIL("nexusd ended:\n" << daemon.log());
      wires.push_back(std::make_unique<Wire>(daemon.port()));
      wires.back()->send(begin);
      wires.back()->send(std::string_view(body).substr(0, body.size() - 1));
    }
    for (const auto& wire : wires) {
      if (!wire->speaks(std::chrono::milliseconds(0))) wire->send(body.substr(body.size() - 1));
      const Answer answer = wire->answer();
      const bool no_memory = answer.status == 503 && answer.body.find("no memory left") != std::string::npos;
      refused += no_memory;
      INFO(answer.status << " " << answer.body);
      // 0: not even the answer had room, and the connection was closed.
      if (!no_memory)
        CHECK((answer.status == 422 || answer.status == 429 || answer.status == 503 || answer.status == 0));
      if (no_memory) CHECK(answer.code() == "store.busy");
      if (no_memory) CHECK(answer.header("retry-after") == "1");
    }
    REQUIRE_FALSE(daemon.exit_status());
  }
  CHECK(refused > 0);  // else the limit was none

  limit_memory(daemon, RLIM_INFINITY);
  CHECK(hungry_ask(daemon, begin + body).status == 422);
  CHECK(hungry_ask(daemon, write).status == 200);
  CHECK(daemon.stop() == 0);
}
