// Every way of framing a WebSocket message, and of getting it wrong, on raw sockets: what comes back, the exact close
// code, and never a hang.
#include "tests/api/world.hpp"
#include "tests/catch.hpp"
#include "tests/support/ws_cases.hpp"
#include "tests/support/ws_wire.hpp"

namespace nexus::test {
namespace {

constexpr std::string_view kStillThere = "still there?";

std::string told(const WsFrame& frame) {
  switch (frame.opcode) {
    case Opcode::ping:
      return "PING(" + frame.payload + ") ";
    case Opcode::pong:
      return "PONG(" + frame.payload + ") ";
    case Opcode::close:
      return "close(" + std::to_string(frame.close_code()) + ")";
    case Opcode::text:
      break;
    case Opcode::continuation:
    case Opcode::binary:
      return "opcode " + std::to_string(static_cast<int>(frame.opcode)) + " ";
  }
  const Json message = parse_own_json(frame.payload);
  if (message.contains("routing")) return {};  // an event of the thread
  const std::string type = message.at("type");
  return type == "error" ? "error(" + message.at("problem").at("code").get<std::string>() + ") " : type + " ";
}

/// All that comes until the daemon closes, or answers the last ping.
std::string heard(WsWire& wire) {
  std::string out;
  while (const auto frame = wire.next(std::chrono::seconds(20))) {
    if (!frame->plain) out += "(not plain) ";
    if (frame->opcode == Opcode::pong && frame->payload == kStillThere) return out + "open";
    out += told(*frame);
    if (frame->opcode != Opcode::close) continue;
    wire.send(ws_frame(Opcode::close, frame->payload.substr(0, 2)));
    return wire.ends() ? out : out + " (and more)";
  }
  return out + "(silence)";
}

std::string outcome_of(int port, const std::string& thread, const Headers& headers, const WsCase& row) {
  WsWire wire(port, "/ws/chat/" + thread, headers);
  if (wire.opened().status != 101) return "not opened: " + wire.opened().body;
  for (const std::string& bytes : row.writes)
    if (!wire.send(bytes)) break;  // closed meanwhile
  if (row.expect.ends_with("open")) wire.send(ws_frame(Opcode::ping, kStillThere));
  return heard(wire);
}

}  // namespace

TEST_CASE("a WebSocket takes what RFC 6455 allows, and ends with the right code on all else", "[ws]") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const Headers headers = World::in(tenant.member, tenant.id);
  const auto cases = ws_cases();
  CHECK(cases.size() >= 150);
  int threads = 0;
  for (const WsCase& row : cases) {
    INFO(row.name);
    // A thread each: what another connection does there, such as to leave, comes as a frame of its own.
    const std::string thread = "framing-" + std::to_string(++threads);
    REQUIRE(world.call("POST", "/chat/threads", headers, Json{{"thread_id", thread}}).status == 201);
    CHECK(outcome_of(world.daemon().port(), thread, headers, row) == row.expect);
  }
}

}  // namespace nexus::test
