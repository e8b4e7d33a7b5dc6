// The routes of this slice. A message is the same mutation by every transport (POST …/messages, POST
// /sse/chat, a WebSocket frame). One transaction holds its gates, its event, its audit row and the row that the rails
// show.
#pragma once
#include "daemon/http/surface.hpp"
#include "daemon/rails/rails.hpp"

namespace nexus::rails {

void add_ticket_routes(http::RouteTable& routes);
void add_thread_routes(http::RouteTable& routes);
void add_message_routes(http::RouteTable& routes, Rails& rails);

/// The schema of a cursor as clients send it; `plain`: the seq of an audit row.
Json cursor_schema(bool plain);

/// Throws Problem thread.not_found, which is logged with the request id. A thread of another tenant or env looks the
/// same as one that never existed.
ThreadAddress find_thread_address(const store::Reader& reader, const Caller& caller, const std::string& thread_id);

/// Viewers read threads and messages; members write.
inline const http::Surface kChat{.name = "chat", .read_action = "chat_read"};

}  // namespace nexus::rails
