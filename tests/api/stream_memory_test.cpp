// Memory of open streams: many are idle, so none holds what its request needed, nor the buffers of a burst. Prints the
// figures.
#include <cstdio>
#include <vector>

#include "tests/api/ws_support.hpp"
#include "tests/support/event_stream.hpp"
#include "tests/support/memory.hpp"

namespace nexus::test {
namespace {

constexpr int kStreams = 400;

DaemonOptions many_streams() {
  DaemonOptions options = unlimited();
  options.environment.emplace_back("NEXUSD_LIMITS_STREAMS_PER_USER", "10000");
  return options;
}

/// What the daemon takes beyond `before`, in KiB a stream. Nothing where a sanitizer shadows all memory and keeps what
/// was freed: there the figure says nothing of the daemon.
double kib_a_stream(World& world, const char* what, double before) {
  const double grown = (memory_mib(world.daemon().pid(), "VmRSS") - before) * 1024 / kStreams;
  std::printf("# %d %s: %.1f KiB each\n", kStreams, what, grown);
  return before > 100 ? 0 : grown;
}

}  // namespace

TEST_CASE("an idle stream of server-sent events takes less than 5 KiB", "[chat]") {
  World world(many_streams());
  const Tenant tenant = world.new_tenant_with_members();
  const std::string target = "/sse/chat/" + new_thread(world, tenant);
  const Headers headers = World::in(tenant.viewer, tenant.id);
  std::vector<EventStream> streams;
  const auto open = [&] {
    streams.emplace_back(world.daemon().port(), target, headers);
    REQUIRE(streams.back().next_of("resume_cursor"));
  };
  for (int i = 0; i < 20; ++i) open();  // what is made once is there
  const double before = memory_mib(world.daemon().pid(), "VmRSS");
  for (int i = 0; i < kStreams; ++i) open();
  CHECK(kib_a_stream(world, "idle streams of server-sent events", before) < 5);
}

TEST_CASE("a WebSocket gives back the memory of a long message", "[ws]") {
  World world(many_streams());
  const Tenant tenant = world.new_tenant_with_members();
  const std::string thread = new_thread(world, tenant);
  std::vector<WsWire> wires;
  const auto talk = [&] {
    wires.push_back(joined(world, tenant.member, tenant, thread));
    CHECK(outcome_of_frame(said(world, wires.back(), {{"text", std::string(60'000, 'x')}})).starts_with("4"));
  };
  for (int i = 0; i < 20; ++i) talk();
  const double before = memory_mib(world.daemon().pid(), "VmRSS");
  for (int i = 0; i < kStreams; ++i) talk();
  CHECK(kib_a_stream(world, "WebSockets after a long message", before) < 24);
}

}  // namespace nexus::test
