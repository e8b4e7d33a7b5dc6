// What both transports do with the socket of a stream: limit the kernel's buffers, and wait until the stream has work.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <memory>

#include "daemon/http/net/connection.hpp"
#include "daemon/rails/stream.hpp"

namespace nexus::rails::net {

/// Makes plain reads and writes non-blocking. Limits the kernel's buffers, so that a client that does not read cannot
/// hold megabytes of them. Makes a dead client noticeable.
void prepare_socket(http::net::Connection& connection);

/// Returns a function that ends the connection from any thread. It does not keep the connection alive.
std::function<void()> cutter(const std::shared_ptr<http::net::Connection>& connection);

/// Waits until the stream has frames to take, a close to send or was woken. Runs on the connection's strand.
boost::asio::awaitable<void> something(std::shared_ptr<Stream> stream, boost::asio::any_io_executor executor);

/// A jittered `retry` of 1 to 3 seconds, in milliseconds, so that not all clients reconnect at once.
int retry_millis();

}  // namespace nexus::rails::net
