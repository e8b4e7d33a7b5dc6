// Every way in which a WebSocket ends, and that it ends for nobody else.
#include <csignal>

#include "tests/api/raw_storage_support.hpp"
#include "tests/api/ws_support.hpp"
#include "tests/catch.hpp"

namespace nexus::test {

// ---- ends -----------------------------------------------------------------------------------------------------------

TEST_CASE("frames may come in the same breath as the handshake", "[ws]") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const std::string thread = new_thread(world, tenant);
  const std::string padded = R"({"type":"ping"})" + std::string(10'000, ' ');
  WsWire wire(world.daemon().port(), "/ws/chat/" + thread, World::in(tenant.viewer, tenant.id),
              ws_frame(Opcode::text, padded) + ws_frame(Opcode::ping, "early"));
  CHECK(wire.await("pong").is_object());
  bool ponged = false;
  while (const auto frame = wire.next()) {
    ponged = frame->opcode == Opcode::pong && frame->payload == "early";
    if (ponged) break;
  }
  CHECK(ponged);
}

TEST_CASE("a membership that ends closes its WebSockets with 4403, and nobody else's", "[ws]") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const std::string thread = new_thread(world, tenant);
  WsWire leaving = joined(world, tenant.viewer, tenant, thread), staying = joined(world, tenant.member, tenant, thread);
  const std::string member = "/tenants/" + tenant.id + "/members/" + tenant.viewer.id;
  REQUIRE(world.call("DELETE", member, World::as(tenant.owner)).status == 204);
  CHECK(leaving.await_close() == 4403);
  CHECK(leaving.ends());
  CHECK(outcome_of_frame(said(world, staying, {{"text", "still here"}})) == "ack");
}

TEST_CASE("a token that is revoked, or expires, closes its WebSockets with 4401", "[ws]") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const std::string thread = new_thread(world, tenant);
  const Answer brief = world.call("POST", "/tokens", World::as(tenant.viewer), Json{{"ttl_seconds", 1}});
  const Answer revoked = world.call("POST", "/tokens", World::as(tenant.viewer), Json::object());
  WsWire one = joined(world, {tenant.viewer.id, brief.json.at("token")}, tenant, thread);
  WsWire two = joined(world, {tenant.viewer.id, revoked.json.at("token")}, tenant, thread);
  const std::string id = revoked.json.at("token_id");
  REQUIRE(world.call("DELETE", "/tokens/" + id, World::as(tenant.viewer)).status == 204);
  CHECK(two.await_close() == 4401);
  CHECK(one.await_close() == 4401);
}

TEST_CASE("who breaks the protocol is told 1002, also while events are written to him", "[ws]") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const std::string thread = new_thread(world, tenant);
  std::vector<WsWire> senders;
  for (int each = 0; each < 4; ++each) senders.push_back(joined(world, tenant.owner, tenant, thread));
  const Json gesture{{"type", "gesture"}, {"data", {{"pad", std::string(2000, 'x')}}}};
  std::string burst;
  for (int gestures = 0; gestures < 5; ++gestures) burst += ws_frame(Opcode::text, gesture.dump());
  std::string others;
  for (int times = 0; times < 40; ++times) {
    WsWire wire = joined(world, tenant.viewer, tenant, thread);
    for (WsWire& sender : senders) REQUIRE(sender.send(burst));
    wire.send(ws_frame(Opcode::text, "{}", {.reserved = 4}));
    if (const int code = wire.await_close(); code != 1002) others += std::to_string(code) + " ";
  }
  CHECK(others == "");
}

TEST_CASE("a flood of frames, of messages or of pings, is closed with 4429", "[ws]") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const std::string thread = new_thread(world, tenant);
  for (const std::string& frame :
       {ws_frame(Opcode::text, R"({"type":"ping"})"), ws_frame(Opcode::ping, ""), ws_frame(Opcode::pong, "")}) {
    WsWire wire = joined(world, tenant.viewer, tenant, thread);
    std::string flood;
    for (int i = 0; i < 260; ++i) flood += frame;
    wire.send(flood);
    CHECK(wire.await_close() == 4429);
  }
}

TEST_CASE("a reader that never reads is cut, and nobody else notices", "[ws]") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const std::string thread = new_thread(world, tenant);
  const auto slow_closes = [&] {
    const std::string name = "\nnexus_stream_slow_closes_total ", text = world.call("GET", "/metrics").body;
    return std::stol(text.substr(text.find(name) + name.size()));
  };
  WsWire deaf = joined(world, tenant.viewer, tenant, thread), fine = joined(world, tenant.member, tenant, thread);
  const long before = slow_closes();
  const std::string text(30'000, 'x');
  // More than its queue and what the kernel keeps on both sides can hold.
  int posted = 0, heard = 0;
  for (; posted < 600 && (posted % 20 != 0 || slow_closes() == before); ++posted) {
    REQUIRE(post_message(world, tenant.member, tenant, thread, text).status == 201);
    heard += fine.await("user_message").is_object() ? 1 : 0;
  }
  CHECK(eventually([&] { return slow_closes() == before + 1; }));
  CHECK(heard == posted);
  int code = 0;
  while (const auto frame = deaf.next())
    if (frame->opcode == Opcode::close) code = frame->close_code();
  CHECK((code == 4408 || code == 0));  // whoever reads nothing may miss the reason too
  CHECK(outcome_of_frame(said(world, fine, {{"text", "fine"}})) == "ack");
}

TEST_CASE("a daemon that stops closes its WebSockets with 1001", "[ws]") {
  World world(unlimited());
  const Tenant tenant = world.new_tenant_with_members();
  const std::string thread = new_thread(world, tenant);
  WsWire one = joined(world, tenant.viewer, tenant, thread), two = joined(world, tenant.member, tenant, thread);
  world.signal(SIGTERM);
  CHECK(one.await_close() == 1001);
  CHECK(two.await_close() == 1001);
  CHECK(one.ends());
  CHECK(two.ends());
}

}  // namespace nexus::test
