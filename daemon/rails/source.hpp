// What a stream tells, and where that comes from: the messages of a thread, the activity of a tenant and env, or the
// rows of its audit chain. A Source reads what is stored into frames, page by page, and names the topic under which the
// same frames come live; the feed makes those by the same functions, so that replayed and live are alike byte by byte.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/guard/caller.hpp"
#include "daemon/rails/resume.hpp"
#include "daemon/rails/stream_event.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::rails {

/// Which of a tenant's and env's sequences.
enum class Sequence { messages, activity, audit };

struct Page {
  std::vector<FramePtr> frames;
  std::int64_t through = 0;  // all up to this seq is in it, or before it
  bool whole = false;        // that is all there was in the snapshot
};

class Source {
 public:
  virtual ~Source() = default;
  virtual Sequence sequence() const = 0;
  virtual const std::string& topic() const = 0;
  /// The thread, for a chat stream.
  virtual const ThreadAddress* address() const { return nullptr; }
  virtual Span span(const store::Reader& reader) const = 0;
  /// What follows `after`, oldest first.
  virtual Page read(const store::Reader& reader, std::int64_t after) const = 0;
  virtual FramePtr gap(const Gap& gap, const Caller& caller) const = 0;
  virtual FramePtr resume_cursor(std::int64_t seq, const Caller& caller) const = 0;
};

}  // namespace nexus::rails
