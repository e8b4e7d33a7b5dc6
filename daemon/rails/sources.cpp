#include "daemon/rails/sources.hpp"

#include "daemon/base/uuid.hpp"
#include "daemon/domain/audit_row_json.hpp"
#include "daemon/domain/event_json.hpp"
#include "daemon/model/json.hpp"
#include "daemon/rails/hub.hpp"

namespace nexus::rails {
namespace {

EventType type_of(const std::string& role) {
  if (role == "agent") return EventType::agent_message;
  return role == "system" ? EventType::system_message : EventType::user_message;
}

std::optional<std::string> text_in(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() || !found->is_string() ? std::nullopt : std::optional(found->get<std::string>());
}

/// Makes the frames of a page. Rows that do not fit are left for the next page.
template <class Row, class MakeFrame>
Page page_of(const std::vector<Row>& rows, std::int64_t head, MakeFrame make_frame_of) {
  Page page;
  std::size_t bytes = 0;
  for (const Row& row : rows) {
    if (bytes > kPageBytes) return page;
    FramePtr frame = make_frame_of(row);
    page.through = row.seq;
    if (!frame) continue;
    bytes += frame->text.size();
    page.frames.push_back(std::move(frame));
  }
  page.whole = rows.size() < kPageRows;
  if (page.whole) page.through = std::max(page.through, head);
  return page;
}

Json gap_data(const Gap& gap) {
  return make_object({{"from", gap.from}, {"to", gap.to}, {"reason", to_string(gap.reason)}});
}

// ---- messages -------------------------------------------------------------------------------------------------------

class ThreadSource final : public Source {
 public:
  ThreadSource(ThreadAddress address, std::string epoch)
      : address_(std::move(address)), epoch_(std::move(epoch)), topic_(thread_topic(address_)) {}

  Sequence sequence() const override { return Sequence::messages; }
  const std::string& topic() const override { return topic_; }
  const ThreadAddress* address() const override { return &address_; }

  Span span(const store::Reader& reader) const override {
    const auto span = store::find_event_span(reader, address_.realm());
    return {epoch_, span.messages_pruned_to, span.head};
  }
  Page read(const store::Reader& reader, std::int64_t after) const override {
    const auto rows = list_messages(reader, address_.realm(), address_.thread.str(), after, kPageRows);
    return page_of(rows, span(reader).head, [this](const Message& row) { return message_frame(row, epoch_); });
  }
  FramePtr gap(const Gap& gap, const Caller& caller) const override {
    return own_event(EventType::gap, gap_data(gap), *parse_cursor(gap.to), caller);
  }
  FramePtr resume_cursor(std::int64_t seq, const Caller& caller) const override {
    const Cursor cursor{epoch_, seq};
    return own_event(EventType::resume_cursor, {{"cursor", cursor.text()}}, cursor, caller);
  }

 private:
  FramePtr own_event(EventType type, Json data, const Cursor& cursor, const Caller& caller) const {
    StreamEvent event(type, address_, Cause(caller.trace_id, caller.request_id, caller.run_id),
                      {caller.user_id, caller.actor_type}, std::move(data));
    return event.pointing_at(cursor).frame();
  }

  const ThreadAddress address_;
  const std::string epoch_, topic_;
};

// ---- tails of a tenant and env --------------------------------------------------------------------------------------

/// An event about the tail itself. Without a thread it is no StreamEvent, but has the same form otherwise.
FramePtr tail_event(std::string_view type, const std::string& cursor, Json data, const Caller& caller) {
  const bool truth = type == "gap";
  const Json event = make_object({{"v", 1},
                                  {"type", type},
                                  {"ts", to_rfc3339(now_micros())},
                                  {"seq", nullptr},
                                  {"event_id", uuid_v7()},
                                  {"trace_id", caller.trace_id},
                                  {"ids", make_object({{"request_id", caller.request_id}})},
                                  {"routing", make_object({{"tenant_id", caller.tenant().str()},
                                                           {"env", to_string(caller.env())},
                                                           {"actor_id", caller.user_id},
                                                           {"actor_type", caller.actor_type}})},
                                  {"data", std::move(data)},
                                  {"meta", make_object({{"schema_ver", 1},
                                                        {"priority", truth ? "truth" : "info"},
                                                        {"persist", "never"},
                                                        {"last_event_id", cursor},
                                                        {"trace_id", caller.trace_id},
                                                        {"request_id", caller.request_id}})}});
  return make_frame(type, cursor, to_text(event), 0, false);
}

class TailSource : public Source {
 public:
  TailSource(const Caller& caller, std::string epoch)
      : tenant_(caller.tenant().str()), env_(to_string(caller.env())), epoch_(std::move(epoch)) {}

  FramePtr gap(const Gap& gap, const Caller& caller) const override {
    return tail_event("gap", gap.to, gap_data(gap), caller);
  }
  FramePtr resume_cursor(std::int64_t seq, const Caller& caller) const override {
    const std::string cursor = Cursor{epoch_, seq}.text();
    return tail_event("resume_cursor", cursor, {{"cursor", cursor}}, caller);
  }

 protected:
  Realm realm() const { return {.tenant = tenant_, .env = env_}; }

  const std::string tenant_, env_, epoch_;
};

class ActivitySource final : public TailSource {
 public:
  ActivitySource(const Caller& caller, std::optional<std::string> event_type, std::string epoch)
      : TailSource(caller, std::move(epoch)),
        event_type_(std::move(event_type)),
        topic_(activity_topic(realm(), event_type_.value_or(""))) {}

  Sequence sequence() const override { return Sequence::activity; }
  const std::string& topic() const override { return topic_; }
  Span span(const store::Reader& reader) const override {
    const auto span = store::find_event_span(reader, realm());
    return {epoch_, span.activity_pruned_to, span.head};
  }
  Page read(const store::Reader& reader, std::int64_t after) const override {
    const auto rows = store::list_events_after(reader, realm(), event_type_, after, kPageRows);
    return page_of(rows, span(reader).head, [this](const domain::Event& row) { return activity_frame(row, epoch_); });
  }

 private:
  const std::optional<std::string> event_type_;
  const std::string topic_;
};

class AuditSource final : public TailSource {
 public:
  explicit AuditSource(const Caller& caller) : TailSource(caller, ""), topic_(audit_topic(realm())) {}

  Sequence sequence() const override { return Sequence::audit; }
  const std::string& topic() const override { return topic_; }
  Span span(const store::Reader& reader) const override { return {"", 0, store::next_audit_seq(reader, realm()) - 1}; }
  Page read(const store::Reader& reader, std::int64_t after) const override {
    const auto rows = store::list_audit_rows_after(reader, realm(), after, kPageRows);
    return page_of(rows, span(reader).head, audit_frame);
  }

 private:
  const std::string topic_;
};

}  // namespace

Json message_json(const Message& message, const std::string& epoch) {
  Json out = model::json_of(kMessage, message);
  out["event_id"] = message.message_id;
  out["cursor"] = Cursor{epoch, message.seq}.text();
  out["scope"] = message.scope ? parse_own_json(*message.scope) : Json();
  out["sender"] = {{"id", message.sender_id}};
  if (message.sender_name) out["sender"]["display_name"] = *message.sender_name;
  return out;
}

FramePtr message_frame(const Message& message, const std::string& epoch) {
  const auto tenant = TenantId::parse(message.tenant_id);
  const auto env = parse_env(message.env);
  const auto thread = ThreadId::parse(message.thread_id);
  if (!tenant || !env || !thread) return nullptr;
  Json data = message_json(message, epoch);
  const Json scope = data.at("scope").is_object() ? data.at("scope") : Json::object();
  // Fields of the envelope are not repeated.
  for (const char* name : {"tenant_id", "env", "thread_id", "event_id", "cursor", "trace_id", "request_id"})
    data.erase(name);
  StreamEvent event(type_of(message.role), {*tenant, *env, *thread},
                    Cause(message.trace_id, message.request_id, message.run_id),
                    {message.sender_id, message.actor_type}, std::move(data));
  event.stored_as({epoch, message.seq}, message.message_id, message.created_at);
  return event.on_surface(text_in(scope, "surface"), text_in(scope, "app")).frame();
}

/// Frames are made for admins: only they may open the one route that streams activity, and all listeners share its
/// frames.
FramePtr activity_frame(const domain::Event& event, const std::string& epoch) {
  return make_frame(event.event_type, Cursor{epoch, event.seq}.text(),
                    to_text(domain::event_json(event, domain::EventDetail::whole)), event.seq, false);
}

FramePtr audit_frame(const store::AuditRow& row) {
  return make_frame("audit_row", std::to_string(row.seq), to_text(domain::audit_row_json(row)), row.seq, false);
}

std::unique_ptr<Source> thread_source(ThreadAddress address, std::string epoch) {
  return std::make_unique<ThreadSource>(std::move(address), std::move(epoch));
}

std::unique_ptr<Source> activity_source(const Caller& caller, std::optional<std::string> event_type,
                                        std::string epoch) {
  return std::make_unique<ActivitySource>(caller, std::move(event_type), std::move(epoch));
}

std::unique_ptr<Source> audit_source(const Caller& caller) { return std::make_unique<AuditSource>(caller); }

}  // namespace nexus::rails
