#include "daemon/rails/stream_event.hpp"

#include <stdexcept>

#include "daemon/base/text.hpp"
#include "daemon/http/schema.hpp"

namespace nexus::rails {
namespace {

std::string_view priority_of(EventType type) {
  if (type == EventType::gesture) return "gesture";
  return type == EventType::presence_state || type == EventType::resume_cursor ? "info" : "truth";
}

}  // namespace

FramePtr make_frame(std::string_view type, std::string_view id, std::string json, std::int64_t seq, bool open) {
  auto frame = std::make_shared<Frame>();
  std::string& text = frame->text;
  text.reserve(json.size() + 128);
  text.append("event: ").append(is_alphanumeric(type, "_") ? type : "event").append("\n");
  if (!id.empty()) text.append("id: ").append(id).append("\n");
  text.append("data: ");
  frame->json_at = text.size();
  text.append(json);
  frame->seq = seq;
  frame->open = open;
  return frame;
}

std::string delivery_ending(std::string_view trace_id, std::string_view request_id) {
  return ",\"trace_id\":" + to_text(Json(trace_id)) + ",\"request_id\":" + to_text(Json(request_id)) + "}}";
}

std::optional<ThreadId> ThreadId::parse(std::string_view text) {
  if (!is_client_id(text)) return std::nullopt;
  return ThreadId(text);
}

Cause::Cause(std::string trace_id, std::string request_id, std::optional<std::string> run_id)
    : trace_id_(std::move(trace_id)), request_id_(std::move(request_id)), run_id_(std::move(run_id)) {
  if (trace_id_.empty() || request_id_.empty()) throw std::logic_error("an event without a trace or a request");
}

std::string_view to_string(EventType type) {
  constexpr std::string_view names[] = {"user_message", "agent_message",  "system_message", "message_deleted",
                                        "gesture",      "presence_state", "resume_cursor",  "gap"};
  return names[static_cast<std::size_t>(type)];
}

StreamEvent::StreamEvent(EventType type, ThreadAddress address, Cause cause, Actor actor, Json data)
    : type_(type),
      tenant_(std::move(address.tenant)),
      env_(address.env),
      thread_(std::move(address.thread)),
      cause_(std::move(cause)),
      actor_(std::move(actor)),
      data_(std::move(data)) {}

StreamEvent::StreamEvent(EventType type, ThreadAddress address, const Caller& caller, Json data)
    : StreamEvent(type, std::move(address), Cause(caller.trace_id, caller.request_id, caller.run_id),
                  {caller.user_id, caller.actor_type}, std::move(data)) {}

StreamEvent::StreamEvent(EventType type, const Caller& caller, Json data)
    : type_(type),
      tenant_(caller.tenant()),
      env_(caller.env()),
      cause_(caller.trace_id, caller.request_id),
      actor_{caller.user_id, caller.actor_type},
      data_(std::move(data)) {}

StreamEvent& StreamEvent::stored_as(Cursor cursor, std::string event_id, Micros at) {
  cursor_ = std::move(cursor);
  event_id_ = std::move(event_id);
  at_ = at;
  durable_ = true;
  return *this;
}

StreamEvent& StreamEvent::pointing_at(const Cursor& cursor) {
  cursor_ = cursor;
  return *this;
}

StreamEvent& StreamEvent::on_surface(std::optional<std::string> surface_id, std::optional<std::string> app_id) {
  surface_id_ = std::move(surface_id);
  app_id_ = std::move(app_id);
  return *this;
}

FramePtr StreamEvent::frame() const {
  Json ids = {{"request_id", cause_.request_id()}};
  if (cause_.run_id()) ids["run_id"] = *cause_.run_id();
  Json routing = make_object(
      {{"tenant_id", tenant_.str()}, {"env", to_string(env_)}, {"actor_id", actor_.id}, {"actor_type", actor_.type}});
  if (thread_) routing["thread_id"] = thread_->str();
  if (surface_id_) routing["surface_id"] = *surface_id_;
  if (app_id_) routing["app_id"] = *app_id_;
  const std::string cursor = cursor_ ? cursor_->text() : "";
  std::string json = to_text(make_object({{"v", 1},
                                          {"type", to_string(type_)},
                                          {"ts", to_rfc3339(at_)},
                                          {"seq", durable_ ? Json(cursor_->seq) : Json()},
                                          {"event_id", event_id_},
                                          {"trace_id", cause_.trace_id()},
                                          {"ids", std::move(ids)},
                                          {"routing", std::move(routing)},
                                          {"data", data_}}));
  const Json meta = make_object({{"schema_ver", 1},
                                 {"priority", priority_of(type_)},
                                 {"persist", durable_ ? "always" : "never"},
                                 {"last_event_id", cursor_ ? Json(cursor) : Json()}});
  json.back() = ',';
  json.append("\"meta\":").append(to_text(meta));
  json.pop_back();
  return make_frame(to_string(type_), cursor, std::move(json), durable_ ? cursor_->seq : 0, true);
}

Json stream_event_schema() {
  namespace schema = http::schema;
  const Json ids = schema::object(
      {"request_id"}, {{"request_id", schema::text()}, {"run_id", schema::text()}, {"step_id", schema::text()}});
  const Json routing = schema::object({"tenant_id", "env", "thread_id", "actor_id", "actor_type"},
                                      {{"tenant_id", schema::text()},
                                       {"env", schema::env()},
                                       {"thread_id", schema::text()},
                                       {"surface_id", schema::text()},
                                       {"app_id", schema::text()},
                                       {"actor_id", schema::text()},
                                       {"actor_type", schema::choice({"human", "agent", "system"})}});
  const Json meta = schema::whole({{"schema_ver", schema::integer(1, 1)},
                                   {"priority", schema::choice({"truth", "gesture", "info"})},
                                   {"persist", schema::choice({"always", "sampled", "never"})},
                                   {"last_event_id", schema::nullable(schema::text("the cursor to go on after"))},
                                   {"trace_id", schema::text("of the request that opened the stream")},
                                   {"request_id", schema::text("of the request that opened the stream")}});
  return schema::named(
      "StreamEvent",
      schema::whole(
          {{"v", schema::integer(1, 1)},
           {"type",
            schema::text("user_message, agent_message, system_message, message_deleted, gesture, presence_state, "
                         "resume_cursor, gap; others may come")},
           {"ts", schema::time()},
           {"seq", schema::nullable(schema::integer(1, INT64_MAX))},
           {"event_id", schema::text()},
           {"trace_id", schema::text("of the request that caused the event")},
           {"ids", ids},
           {"routing", routing},
           {"data", schema::any_object()},
           {"meta", meta}}));
}

}  // namespace nexus::rails
