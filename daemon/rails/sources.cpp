#include "daemon/rails/sources.hpp"

#include "daemon/domain/audit_row_json.hpp"
#include "daemon/domain/event_json.hpp"
#include "daemon/model/json.hpp"
#include "daemon/rails/hub.hpp"

namespace nexus::rails {
namespace {

EventType type_of(const Message& row) {
  if (row.deletes) return EventType::message_deleted;
  if (row.role == "agent") return EventType::agent_message;
  return row.role == "system" ? EventType::system_message : EventType::user_message;
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

std::unique_ptr<Source> source_of(Sequence sequence, Realm realm, std::string epoch, std::string topic) {
  return std::make_unique<Source>(
      Source{sequence, {std::string(realm.tenant), std::string(realm.env)}, std::move(epoch), std::move(topic)});
}

/// An event of one stream about itself.
FramePtr own_event(const Source& source, EventType type, Json data, const Cursor& cursor, const Caller& caller) {
  StreamEvent event = source.address ? StreamEvent(type, *source.address, caller, std::move(data))
                                     : StreamEvent(type, caller, std::move(data));
  return event.pointing_at(cursor).frame();
}

}  // namespace

Span Source::span(const store::Reader& reader) const {
  if (sequence == Sequence::audit) return {epoch, 0, store::next_audit_seq(reader, realm()) - 1};
  const auto span = store::find_event_span(reader, realm());
  return {epoch, address ? span.messages_pruned_to : span.activity_pruned_to, span.head};
}

Page Source::read(const store::Reader& reader, std::int64_t after) const {
  const std::int64_t head = span(reader).head;
  switch (sequence) {
    case Sequence::messages:
      return page_of(list_thread_rows(reader, realm(), address->thread.str(), after, kPageRows), head,
                     [this](const Message& row) { return message_frame(row, epoch); });
    case Sequence::activity:
      return page_of(store::list_events_after(reader, realm(), event_type, after, kPageRows), head,
                     [this](const domain::Event& row) { return activity_frame(row, epoch); });
    case Sequence::audit:
      return page_of(store::list_audit_rows_after(reader, realm(), after, kPageRows), head, audit_frame);
  }
  return {};
}

FramePtr Source::gap(const Gap& gap, const Caller& caller) const {
  const auto to = epoch.empty() ? parse_plain_cursor(gap.to) : parse_cursor(gap.to);
  return own_event(*this, EventType::gap,
                   make_object({{"from", gap.from}, {"to", gap.to}, {"reason", to_string(gap.reason)}}), *to, caller);
}

FramePtr Source::resume_cursor(std::int64_t seq, const Caller& caller) const {
  const Cursor cursor{epoch, seq};
  return own_event(*this, EventType::resume_cursor, {{"cursor", cursor.text()}}, cursor, caller);
}

Json message_json(const Message& message, const std::string& epoch) {
  Json out = model::json_of(kMessage, message);
  out["event_id"] = message.message_id;
  out["cursor"] = Cursor{epoch, message.seq}.text();
  out["created_by"] = message.sender_id;
  out["scope"] = message.scope ? parse_own_json(*message.scope) : Json();
  out["sender"] = {{"id", message.sender_id}};
  if (message.sender_name) out["sender"]["display_name"] = *message.sender_name;
  return out;
}

namespace {

/// The `data` of a row's event. Fields of the envelope are not repeated.
Json event_data(const Message& row, const std::string& epoch) {
  if (row.deletes) return {{"message_id", *row.deletes}};
  Json data = message_json(row, epoch);
  for (const char* name : {"tenant_id", "env", "thread_id", "event_id", "cursor", "trace_id", "request_id"})
    data.erase(name);
  return data;
}

}  // namespace

FramePtr message_frame(const Message& message, const std::string& epoch) {
  const auto tenant = TenantId::parse(message.tenant_id);
  const auto env = parse_env(message.env);
  const auto thread = ThreadId::parse(message.thread_id);
  if (!tenant || !env || !thread) return nullptr;
  const Json scope = message.scope ? parse_own_json(*message.scope) : Json::object();
  StreamEvent event(type_of(message), {*tenant, *env, *thread},
                    Cause(message.trace_id, message.request_id, message.run_id),
                    {message.sender_id, message.actor_type}, event_data(message, epoch));
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
  auto source = source_of(Sequence::messages, address.realm(), std::move(epoch), thread_topic(address));
  source->address = std::move(address);
  return source;
}

std::unique_ptr<Source> activity_source(const Caller& caller, std::optional<std::string> event_type,
                                        std::string epoch) {
  auto source = source_of(Sequence::activity, caller.realm(), std::move(epoch),
                          activity_topic(caller.realm(), event_type.value_or("")));
  source->event_type = std::move(event_type);
  return source;
}

std::unique_ptr<Source> audit_source(const Caller& caller) {
  return source_of(Sequence::audit, caller.realm(), {}, audit_topic(caller.realm()));
}

}  // namespace nexus::rails
