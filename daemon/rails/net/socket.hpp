// What both transports do with the socket of a stream: bound what the kernel keeps for it, and sleep until the stream
// has something.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <memory>

#include "daemon/http/net/connection.hpp"
#include "daemon/rails/stream.hpp"

namespace nexus::rails::net {

/// Plain reads and writes do not wait. A client that reads nothing must not hold megabytes of the kernel's, and one
/// that is dead must be noticed.
void prepare_socket(http::net::Connection& connection);

/// Ends the connection from any thread; does not keep it alive.
std::function<void()> cutter(const std::shared_ptr<http::net::Connection>& connection);

/// Until the stream has something to take, to say or to be looked at; on the connection's strand.
boost::asio::awaitable<void> something(std::shared_ptr<Stream> stream, boost::asio::any_io_executor executor);

/// A jittered `retry` of 1 to 3 seconds, in milliseconds: not all come back at once.
int retry_millis();

}  // namespace nexus::rails::net
