#include "daemon/rails/ws_routes.hpp"

#include "daemon/domain/feature_flags.hpp"
#include "daemon/rails/problems.hpp"
#include "daemon/rails/streams.hpp"
#include "daemon/rails/ws_upgrade.hpp"

namespace nexus::rails {
namespace {

using http::Input;
using http::Reply;
using http::StreamHandler;

void allow_websocket(const store::Reader& reader, const Caller& caller) {
  if (!domain::read_flags(reader, caller.realm()).in_force().ws_enabled)
    throw Problem(problems::feature_disabled, "ws_enabled is off in this tenant and env");
}

StreamHandler::Open open_chat(Input& input, Rails& rails) {
  StartRequest request = take_start_request(input, false);
  judge_upgrade(input.head);
  return [&rails, thread = input.param("thread_id"), request](const store::Reader& reader, const Caller& caller,
                                                              const http::Route& route) -> Reply {
    return {.json = nullptr, .status = 101, .opens = open_thread(reader, caller, route, rails, thread, request)};
  };
}

}  // namespace

void add_websocket_routes(http::RouteTable& routes, Rails& rails) {
  StreamHandler handler{.transport = StreamHandler::Transport::websocket,
                        .allow = allow_websocket,
                        .parse = [&rails](Input& input) { return open_chat(input, rails); }};
  routes.add(stream_route("/ws/chat/{thread_id}", std::move(handler),
                          {"Talk in a thread over a WebSocket (subprotocol nexus.chat.v1)",
                           "chat",
                           {},
                           stream_event_schema(),
                           101,
                           start_parameters(false),
                           {404, 426}}));
}

}  // namespace nexus::rails
