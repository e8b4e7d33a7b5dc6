// The routes of the rails: tickets, threads, messages, and streams over server-sent events and WebSocket.
#include "daemon/domain/services.hpp"
#include "daemon/http/route.hpp"
#include "daemon/rails/chat.hpp"
#include "daemon/rails/streams.hpp"
#include "daemon/rails/ticket_routes.hpp"
#include "daemon/rails/ws_routes.hpp"

namespace nexus::rails {

void add_routes(http::RouteTable& routes, const domain::Services& services) {
  routes.describe("chat", "Threads, messages and their live rails");
  add_ticket_routes(routes, services.tickets);
  add_thread_routes(routes);
  add_message_routes(routes, services.rails);
  add_stream_routes(routes, services.rails);
  add_websocket_routes(routes, services.rails);
}

}  // namespace nexus::rails
