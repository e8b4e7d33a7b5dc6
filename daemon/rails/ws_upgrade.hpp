// The opening handshake of a WebSocket (RFC 6455 section 4.2) judged from a request head: what a client must send
// before its connection may turn into one. Plain function; the answer is made by the transport.
#pragma once
#include <string>
#include <string_view>

#include "daemon/base/request_head.hpp"

namespace nexus::rails {

/// The subprotocol that we speak; agreed on when the client offers it.
inline constexpr std::string_view kSubprotocol = "nexus.chat.v1";

struct Upgrade {
  std::string key;           // Sec-WebSocket-Key, 16 bytes in base64
  bool subprotocol = false;  // the client offered ours
};

/// Throws Problem: 426 for a request that asks for no WebSocket, or for another version than 13; 400 for one that asks
/// for it badly. Extensions are not negotiated.
Upgrade judge_upgrade(const RequestHead& head);

}  // namespace nexus::rails
