// The one handler of server-sent events (WHATWG HTML section 9.2): whatever a stream tells, it goes out here.
//
// The answer has no length and no chunks: it ends with the connection, after an `event: close` that says why. Events go
// out as shared bytes with the stream's own ending; a comment keeps an idle stream open.
#pragma once
#include "daemon/http/net/stream_runner.hpp"

namespace nexus::rails::net {

boost::asio::awaitable<void> run_sse(std::shared_ptr<http::net::Connection> connection,
                                     std::shared_ptr<http::net::StreamStart> start);

}  // namespace nexus::rails::net
