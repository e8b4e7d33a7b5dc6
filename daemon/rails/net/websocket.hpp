// The one WebSocket of the daemon: turns a connection whose request passed the guard, the gates and judge_upgrade into
// a WebSocket, moves the stream's frames out and the client's frames in, and says why it ends. Framing is
// Boost.Beast's; what frames mean is ws_protocol's and ws_conversation's.
#pragma once
#include "daemon/http/net/stream_runner.hpp"

namespace nexus::rails::net {

/// Runs until the WebSocket has ended; the connection is of no further use then.
boost::asio::awaitable<void> run_websocket(std::shared_ptr<http::net::Connection> connection,
                                           std::shared_ptr<http::net::StreamStart> start, http::Dispatcher& dispatcher);

}  // namespace nexus::rails::net
