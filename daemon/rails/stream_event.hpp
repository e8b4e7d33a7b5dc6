// An event on a rail. A StreamEvent cannot be built without a tenant, an env and a trace, nor on a chat rail without a
// thread: their types have no empty value (`t_unknown` is no TenantId), and there is no other constructor. User text
// appears in `data` alone; it never becomes a type, an id or a frame.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/base/json.hpp"
#include "daemon/base/realm.hpp"
#include "daemon/base/uuid.hpp"
#include "daemon/guard/caller.hpp"
#include "daemon/rails/resume.hpp"

namespace nexus::rails {

/// One event as bytes, made once and shared by all streams that deliver it. The part that differs per stream (the ids
/// of the delivering request) is at the end of the JSON, so that a stream only adds its own ending.
struct Frame {
  /// `event: <type>\n`, then `id: <cursor>\n` if the event has a cursor, then `data: ` and the JSON on one line. An
  /// open frame lacks the end of the JSON. The empty line that ends the event is never included.
  std::string text;
  std::size_t json_at = 0;  // where the JSON begins
  std::int64_t seq = 0;     // in the durable sequence; 0: not durable
  /// The JSON stops within `meta`: each stream adds its own `,"trace_id":…,"request_id":…}}` (Stream::ending).
  bool open = false;

  std::string_view json() const { return std::string_view(text).substr(json_at); }
};
using FramePtr = std::shared_ptr<const Frame>;

/// `id` may be empty. `type` consists of letters, digits and underscores; any other type becomes "event".
FramePtr make_frame(std::string_view type, std::string_view id, std::string json, std::int64_t seq, bool open);

/// Returns the end of an open frame's JSON for a stream with these ids.
std::string delivery_ending(std::string_view trace_id, std::string_view request_id);

/// An id that clients may choose, as in ids.hpp.
class ThreadId {
 public:
  static std::optional<ThreadId> parse(std::string_view text);
  const std::string& str() const { return text_; }
  bool operator==(const ThreadId&) const = default;

 private:
  explicit ThreadId(std::string_view text) : text_(text) {}
  std::string text_;
};

/// The thread of one tenant and env.
struct ThreadAddress {
  TenantId tenant;
  Env env;
  ThreadId thread;

  Realm realm() const { return {.tenant = tenant.str(), .env = to_string(env)}; }
};

/// The request that caused an event. Neither id is ever empty.
class Cause {
 public:
  /// Throws std::logic_error for an empty id.
  Cause(std::string trace_id, std::string request_id, std::optional<std::string> run_id = {});
  const std::string& trace_id() const { return trace_id_; }
  const std::string& request_id() const { return request_id_; }
  const std::optional<std::string>& run_id() const { return run_id_; }

 private:
  std::string trace_id_, request_id_;
  std::optional<std::string> run_id_;
};

enum class EventType {
  user_message,
  agent_message,
  system_message,
  message_deleted,
  gesture,
  presence_state,
  resume_cursor,
  gap,
};
std::string_view to_string(EventType type);

class StreamEvent {
 public:
  struct Actor {
    std::string id;
    std::string type;  // human | agent | system
  };

  StreamEvent(EventType type, ThreadAddress address, Cause cause, Actor actor, Json data);
  /// Caused by the caller.
  StreamEvent(EventType type, ThreadAddress address, const Caller& caller, Json data);
  /// About the tail of the caller's tenant and env.
  StreamEvent(EventType type, const Caller& caller, Json data);

  /// Makes the event durable: sets its place in the sequence, and the id and time under which it is stored. Without
  /// this call the event has a new id, the current time and no seq.
  StreamEvent& stored_as(Cursor cursor, std::string event_id, Micros at);
  /// For events that are not durable but give a position to continue from: resume_cursor and gap.
  StreamEvent& pointing_at(const Cursor& cursor);
  StreamEvent& on_surface(std::optional<std::string> surface_id, std::optional<std::string> app_id);

  /// The event as an open frame: each stream adds the ids of its delivery.
  FramePtr frame() const;

 private:
  EventType type_;
  TenantId tenant_;
  Env env_;
  std::optional<ThreadId> thread_;
  Cause cause_;
  Actor actor_;
  Json data_;
  std::string event_id_ = uuid_v7();
  Micros at_ = now_micros();
  std::optional<Cursor> cursor_;
  bool durable_ = false;
  std::optional<std::string> surface_id_, app_id_;
};

/// The named JSON Schema of a stream event.
Json stream_event_schema();

}  // namespace nexus::rails
