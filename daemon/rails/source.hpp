// What a stream delivers: the messages of a thread, the activity of a tenant and env, or the rows of its audit chain. A
// Source reads stored rows into frames, page by page, and names the topic under which the same frames come live. The
// feed makes live frames with the same functions, so that replayed and live frames are equal byte by byte.
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

/// The sequences of a tenant and env.
enum class Sequence { messages, activity, audit };

struct Page {
  std::vector<FramePtr> frames;
  std::int64_t through = 0;  // all rows up to this seq are in this page or an earlier one
  bool whole = false;        // the page ends at the head of the snapshot
};

class Source {
 public:
  virtual ~Source() = default;
  virtual Sequence sequence() const = 0;
  virtual const std::string& topic() const = 0;
  /// The thread, for a chat stream.
  virtual const ThreadAddress* address() const { return nullptr; }
  virtual Span span(const store::Reader& reader) const = 0;
  /// Reads the rows behind `after`, oldest first.
  virtual Page read(const store::Reader& reader, std::int64_t after) const = 0;
  virtual FramePtr gap(const Gap& gap, const Caller& caller) const = 0;
  virtual FramePtr resume_cursor(std::int64_t seq, const Caller& caller) const = 0;
};

}  // namespace nexus::rails
