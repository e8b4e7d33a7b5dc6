// The transports of the rails. The runner takes over a connection that became a stream and speaks server-sent events or
// WebSocket on it until either side ends it.
#pragma once
#include <memory>

#include "daemon/http/net/stream_runner.hpp"

namespace nexus::rails::net {

std::unique_ptr<http::net::StreamRunner> make_runner();

}  // namespace nexus::rails::net
