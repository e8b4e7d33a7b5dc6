// The two transports of the rails. The runner takes over a connection that became a stream and speaks server-sent
// events or WebSocket on it until either side ends it.
#pragma once
#include <memory>

#include "daemon/http/net/session.hpp"
#include "daemon/rails/stream.hpp"

namespace nexus::rails::net {

std::unique_ptr<http::net::StreamRunner> make_runner();

/// Server-sent events (WHATWG HTML section 9.2), for streams of every kind. The answer has no length and no chunks. It
/// ends with the connection, after an `event: close` that says why. Events are sent as shared bytes with the stream's
/// own ending. A comment keeps an idle stream open.
void run_sse(http::net::Seat seat, std::shared_ptr<http::net::StreamStart> start, http::Dispatcher& dispatcher);

/// A WebSocket on a connection whose request passed the guard, the gates and judge_upgrade. Sends the stream's frames,
/// reads the client's frames, and says why the connection ends. Boost.Beast does the framing; ws_protocol knows what
/// frames mean.
void run_websocket(http::net::Seat seat, std::shared_ptr<http::net::StreamStart> start, http::Dispatcher& dispatcher);

// ---- what both do with the socket -----------------------------------------------------------------------------------

/// Makes plain reads and writes non-blocking. Limits the kernel's buffers, so that a client that does not read cannot
/// hold megabytes of them. Makes a dead client noticeable.
void prepare_socket(http::net::Connection& connection);

/// Returns a function that ends the connection from any thread. It does not keep the connection alive.
std::function<void()> cutter(const std::shared_ptr<http::net::Connection>& connection);

/// Runs `task` on the connection's strand once the stream has frames to take, a close to send or was woken. The task
/// keeps the connection alive.
void when_something(Stream& stream, http::net::Connection& connection, std::function<void()> task);

}  // namespace nexus::rails::net
