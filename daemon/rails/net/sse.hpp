// The one handler of server-sent events (WHATWG HTML section 9.2), for streams of every kind.
//
// The answer has no length and no chunks. It ends with the connection, after an `event: close` that says why. Events
// are sent as shared bytes with the stream's own ending. A comment keeps an idle stream open.
#pragma once
#include "daemon/http/net/stream_runner.hpp"

namespace nexus::rails::net {

boost::asio::awaitable<void> run_sse(std::shared_ptr<http::net::Connection> connection,
                                     std::shared_ptr<http::net::StreamStart> start);

}  // namespace nexus::rails::net
