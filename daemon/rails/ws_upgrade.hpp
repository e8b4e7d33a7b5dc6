// Checks the opening handshake of a WebSocket (RFC 6455 section 4.2) in a request head. A plain function; the transport
// makes the answer.
#pragma once
#include <string>
#include <string_view>

#include "daemon/base/request_head.hpp"

namespace nexus::rails {

/// Our subprotocol, selected when the client offers it.
inline constexpr std::string_view kSubprotocol = "nexus.chat.v1";

struct Upgrade {
  std::string key;           // Sec-WebSocket-Key, 16 bytes in base64
  bool subprotocol = false;  // the client offered ours
};

/// Throws Problem: 426 for a request without a WebSocket upgrade or with another version than 13, 400 for a malformed
/// one. Extensions are not negotiated.
Upgrade judge_upgrade(const RequestHead& head);

}  // namespace nexus::rails
