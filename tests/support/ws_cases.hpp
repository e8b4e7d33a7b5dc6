// What a client may put on a WebSocket, and must not, in the order of the Autobahn test suite: framing, pings and
// pongs, reserved bits, opcodes, fragmentation, UTF-8, close handling, limits. Autobahn asks an echo server; ours
// answers JSON, so a text that is to live is `{"type":"ping"}`, padded, which is answered by `pong`.
#pragma once
#include <string>
#include <vector>

namespace nexus::test {

/// `expect` is what comes, in order, events of the thread aside: `pong` and `error(code)` for text frames of ours,
/// `PONG(bytes)` for control frames, and at last `open` (it answers one more ping) or `close(code)` behind which the
/// connection ends.
struct WsCase {
  std::string name;
  std::vector<std::string> writes;
  std::string expect;
};

std::vector<WsCase> ws_cases();

}  // namespace nexus::test
