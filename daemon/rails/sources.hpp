// What a stream delivers: the messages of a thread, the activity of a tenant and env, or the rows of its audit chain. A
// Source reads stored rows into frames, page by page, and names the topic under which the same frames come live. The
// feed makes live frames with the same functions, so that replayed and live frames are equal byte by byte.
#pragma once
#include <memory>

#include "daemon/rails/store.hpp"
#include "daemon/rails/stream_event.hpp"
#include "store/audit_log.hpp"
#include "store/events.hpp"

namespace nexus::rails {

/// The sequences of a tenant and env.
enum class Sequence { messages, activity, audit };

/// Frames of rows that follow one another.
struct Page {
  std::vector<FramePtr> frames;
  std::int64_t through = 0;  // all rows up to this seq are in this page or an earlier one
  bool whole = false;        // the page ends at the head of the snapshot
};

/// What one stream reads. Threads: any; it never changes.
struct Source {
  Sequence sequence;
  Place place;
  std::string epoch;  // empty for a sequence without epochs
  std::string topic;
  std::optional<ThreadAddress> address = {};   // the thread, for messages
  std::optional<std::string> event_type = {};  // only activity of this type

  Realm realm() const { return place.realm(); }
  Span span(const store::Reader& reader) const;
  /// Reads the rows behind `after`, oldest first.
  Page read(const store::Reader& reader, std::int64_t after) const;
  FramePtr gap(const Gap& gap, const Caller& caller) const;
  FramePtr resume_cursor(std::int64_t seq, const Caller& caller) const;
};

/// A message as clients see it: in answers, and as the `data` of its event.
Json message_json(const Message& message, const std::string& epoch);

/// A page ends at this many rows or at about this many bytes.
inline constexpr int kPageRows = 100;
inline constexpr std::size_t kPageBytes = 256 * 1024;

/// Of a message or a deletion. Returns null for a row that the daemon could not have written.
FramePtr message_frame(const Message& message, const std::string& epoch);
FramePtr activity_frame(const domain::Event& event, const std::string& epoch);
FramePtr audit_frame(const store::AuditRow& row);

std::unique_ptr<Source> thread_source(ThreadAddress address, std::string epoch);
/// `event_type`: only events of this type.
std::unique_ptr<Source> activity_source(const Caller& caller, std::optional<std::string> event_type, std::string epoch);
std::unique_ptr<Source> audit_source(const Caller& caller);

}  // namespace nexus::rails
