// Routes of chat threads and messages. A message is the same mutation on every door (POST …/messages, POST /sse/chat,
// a WebSocket frame): gates, event, audit row and the row that the rails show, in one transaction.
#pragma once
#include "daemon/http/surface.hpp"
#include "daemon/rails/rails.hpp"

namespace nexus::rails {

void add_thread_routes(http::RouteTable& routes);
void add_message_routes(http::RouteTable& routes, Rails& rails);

/// Throws Problem thread.not_found, which is logged with the request id: the same for a thread of another tenant or env
/// and for one that never was.
ThreadAddress find_thread_address(const store::Reader& reader, const Caller& caller, const std::string& thread_id);

/// Viewers read threads and messages; members write.
inline const http::Surface kChat{.name = "chat", .read_action = "chat_read"};

}  // namespace nexus::rails
