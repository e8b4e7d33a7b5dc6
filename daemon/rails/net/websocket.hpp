// The one WebSocket handler of the daemon. It upgrades a connection whose request passed the guard, the gates and
// judge_upgrade. It sends the stream's frames, reads the client's frames, and says why the connection ends. Boost.Beast
// does the framing; ws_protocol and ws_conversation know what frames mean.
#pragma once
#include "daemon/http/net/stream_runner.hpp"

namespace nexus::rails::net {

/// Runs until the WebSocket has ended. The connection cannot be used afterwards.
boost::asio::awaitable<void> run_websocket(std::shared_ptr<http::net::Connection> connection,
                                           std::shared_ptr<http::net::StreamStart> start, http::Dispatcher& dispatcher);

}  // namespace nexus::rails::net
