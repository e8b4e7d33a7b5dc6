// Routes that answer with server-sent events: a thread, the activity of a tenant and env, its audit rows. All pass the
// guard, then use one transport (net/sse.hpp).
#pragma once
#include "daemon/rails/rails.hpp"

namespace nexus::rails {

void add_stream_routes(http::RouteTable& routes, Rails& rails);

/// The shape of a route that streams. `allow` may be empty.
http::Route stream_route(std::string path, http::StreamHandler handler, http::Docs docs);

/// Opens a stream of a thread on the route's transport. Throws Problem thread.not_found.
http::StreamPtr open_thread(const store::Reader& reader, const Caller& caller, const http::Route& route, Rails& rails,
                            const std::string& thread_id, const StartRequest& request);

}  // namespace nexus::rails
