// The routes of the rails: tickets, threads, messages, and streams over server-sent events and WebSocket. All streams
// pass the guard; then one of two transports (net/runner.hpp) sends them.
#include "daemon/domain/audit_row_json.hpp"
#include "daemon/domain/event_json.hpp"
#include "daemon/domain/feature_flags.hpp"
#include "daemon/domain/services.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/rails/chat.hpp"
#include "daemon/rails/problems.hpp"
#include "daemon/rails/ws_upgrade.hpp"

namespace nexus::rails {
namespace {

using http::Input;
using http::Reply;
using http::Route;
using http::StreamHandler;
namespace schema = http::schema;

/// Reads where a stream's request wants to begin: `Last-Event-ID`, else `?last_event_id=`, and `?from=earliest`.
/// `plain`: for a sequence without epochs. Throws Problem chat.cursor_invalid.
StartRequest take_start_request(Input& input, bool plain) {
  StartRequest request;
  request.from_earliest = input.query.optional_choice("from", {"earliest"}).has_value();
  const auto sent = input.query.optional_text("last_event_id", {.min = 0, .max = 256});
  const std::string* header = input.head.find("last-event-id");
  const std::string text = header != nullptr && !header->empty() ? *header : sent.value_or("");
  if (text.empty()) return request;
  request.after = plain ? parse_plain_cursor(text) : parse_cursor(text);
  if (!request.after)
    throw Problem(problems::chat_cursor_invalid, plain
                                                     ? "a cursor of the audit log is the seq of a row"
                                                     : "a cursor is <epoch>.<seq>, as the id of an event on a stream");
  return request;
}

std::vector<http::QueryParameter> start_parameters(bool plain) {
  Json cursor = cursor_schema(plain);
  std::string form = cursor["pattern"];
  cursor["pattern"] = "^(" + form.substr(1, form.size() - 2) + ")?$";  // a browser that saw no event sends ""
  return {{"last_event_id", "The cursor to go on after, or nothing; the header Last-Event-ID wins", std::move(cursor)},
          {"from", "Without a cursor: begin with the oldest event", schema::choice({"earliest"})}};
}

http::StreamPtr open_source(const store::Reader& reader, const Caller& caller, const Route& route, Rails& rails,
                            std::unique_ptr<Source> source, const StartRequest& request) {
  Start start = decide_start(request, source->span(reader));
  return rails.open(route, caller, std::move(source), std::move(start));
}

/// Opens a stream of a thread on the route's transport. Throws Problem thread.not_found.
http::StreamPtr open_thread(const store::Reader& reader, const Caller& caller, const Route& route, Rails& rails,
                            const std::string& thread_id, const StartRequest& request) {
  ThreadAddress address = find_thread_address(reader, caller, thread_id);
  return open_source(reader, caller, route, rails, thread_source(std::move(address), rails.epoch()), request);
}

Reply events(http::StreamPtr stream) {
  return {.json = nullptr,
          .fields = {{"X-Accel-Buffering", "no"}},
          .content_type = "text/event-stream; charset=utf-8",
          .opens = std::move(stream)};
}

void allow_sse(const store::Reader& reader, const Caller& caller) {
  if (!domain::read_flags(reader, caller.realm()).in_force().sse_enabled)
    throw Problem(problems::feature_disabled, "sse_enabled is off in this tenant and env");
}

/// `parse` checks the request and returns the opener.
StreamHandler sse(std::function<StreamHandler::Open(Input&)> parse) {
  return {.transport = StreamHandler::Transport::sse, .allow = allow_sse, .parse = std::move(parse)};
}

StreamHandler thread_handler(Rails& rails) {
  return sse([&rails](Input& input) -> StreamHandler::Open {
    return [&rails, thread = input.param("thread_id"), request = take_start_request(input, false)](
               const store::Reader& reader, const Caller& caller, const Route& route) {
      return events(open_thread(reader, caller, route, rails, thread, request));
    };
  });
}

StreamHandler activity_handler(Rails& rails) {
  return sse([&rails](Input& input) -> StreamHandler::Open {
    auto type = input.query.optional_text("event_type", {.min = 1, .max = 64});
    return [&rails, type = std::move(type), request = take_start_request(input, false)](
               const store::Reader& reader, const Caller& caller, const Route& route) {
      return events(open_source(reader, caller, route, rails, activity_source(caller, type, rails.epoch()), request));
    };
  });
}

StreamHandler audit_handler(Rails& rails) {
  return sse([&rails](Input& input) -> StreamHandler::Open {
    return [&rails, request = take_start_request(input, true)](const store::Reader& reader, const Caller& caller,
                                                               const Route& route) {
      return events(open_source(reader, caller, route, rails, audit_source(caller), request));
    };
  });
}

void allow_websocket(const store::Reader& reader, const Caller& caller) {
  if (!domain::read_flags(reader, caller.realm()).in_force().ws_enabled)
    throw Problem(problems::feature_disabled, "ws_enabled is off in this tenant and env");
}

StreamHandler websocket_handler(Rails& rails) {
  const auto parse = [&rails](Input& input) -> StreamHandler::Open {
    StartRequest request = take_start_request(input, false);
    judge_upgrade(input.head);
    return [&rails, thread = input.param("thread_id"), request](const store::Reader& reader, const Caller& caller,
                                                                const Route& route) -> Reply {
      return {.json = nullptr, .status = 101, .opens = open_thread(reader, caller, route, rails, thread, request)};
    };
  };
  return {.transport = StreamHandler::Transport::websocket, .allow = allow_websocket, .parse = parse};
}

Route stream_route(std::string path, StreamHandler handler, http::Docs docs) {
  return {.method = "GET",
          .path = std::move(path),
          .demand = {.access = Access::role, .scope = Scope::header, .role = Role::viewer, .streams = true},
          .action = "chat_stream",
          .surface = "chat",
          .policy = gates::Policy::read,
          .handler = std::move(handler),
          .docs = std::move(docs)};
}

/// A tail that only admins may read; it has the same action as the corresponding list.
Route tail_route(std::string path, std::string action, std::string surface, StreamHandler handler, http::Docs docs) {
  Route route = stream_route(std::move(path), std::move(handler), std::move(docs));
  route.demand.role = Role::admin;
  route.action = std::move(action);
  route.surface = std::move(surface);
  return route;
}

void add_stream_routes(http::RouteTable& routes, Rails& rails) {
  routes.add(stream_route("/sse/chat/{thread_id}", thread_handler(rails),
                          {.summary = "Follow a thread by server-sent events",
                           .tag = "chat",
                           .response = stream_event_schema(),
                           .query = start_parameters(false),
                           .refusals = {404}}));
  auto parameters = start_parameters(false);
  parameters.push_back({"event_type", "Only events of this type", schema::text_between(1, 64)});
  routes.add(tail_route("/sse/events", "events_read", "events", activity_handler(rails),
                        {.summary = "Follow activity by server-sent events",
                         .tag = "events",
                         .response = model::answer_schema(domain::kEvent),
                         .query = std::move(parameters)}));
  routes.add(tail_route("/sse/audit", "audit_read", "audit", audit_handler(rails),
                        {.summary = "Follow the audit log by server-sent events",
                         .tag = "audit",
                         .response = domain::audit_row_schema(),
                         .query = start_parameters(true)}));
  routes.add(stream_route("/ws/chat/{thread_id}", websocket_handler(rails),
                          {.summary = "Talk in a thread over a WebSocket (subprotocol nexus.chat.v1)",
                           .tag = "chat",
                           .response = stream_event_schema(),
                           .success = 101,
                           .query = start_parameters(false),
                           .refusals = {404, 426}}));
}

}  // namespace

Json cursor_schema(bool plain) {
  return schema::pattern(plain ? "^(0|[1-9][0-9]{0,17})$" : "^[0-9a-f]{8}[.](0|[1-9][0-9]{0,17})$");
}

void add_routes(http::RouteTable& routes, const domain::Services& services) {
  routes.describe("chat", "Threads, messages and their live rails");
  add_ticket_routes(routes);
  add_thread_routes(routes);
  add_message_routes(routes, services.rails);
  add_stream_routes(routes, services.rails);
}

}  // namespace nexus::rails
