// Where a piece of work stands in a trace (W3C Trace Context), and what is told of it when it has ended. Plain values;
// who takes spans implements SpanSink. Attributes hold no more than a line of the access log (daemon/http/access_log):
// no path, query, field of a head, body or text of a user.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "daemon/base/clock.hpp"

namespace nexus {

class SpanSink;

/// Ids are lower-case hexadecimal digits.
struct SpanContext {
  std::array<char, 32> trace_id{};
  std::array<char, 16> span_id{};
  std::array<char, 16> parent_id{};  // begins with '\0': none
  SpanSink* sink = nullptr;          // null: nobody is told of it

  bool is_recorded() const { return sink != nullptr; }
  /// A span within this one.
  SpanContext child() const;
  /// The value of the field `traceresponse`: `00-{trace id}-{span id}-{flags}`, where the flag says whether it is
  /// recorded (W3C Trace Context Level 2, editor's draft of 2023, section 3.4).
  std::string traceresponse() const;
};

/// Begins the span of a request. `traceparent`: a valid one (http::trace_id_of), or "". Without one, the trace id is
/// what the audit log calls it, `trace_id`, where that is of 32 digits or a UUID, without its dashes, and else is
/// drawn. It is recorded unless the client says that it does not sample its trace.
SpanContext begin_span(std::string_view traceparent, std::string_view trace_id, SpanSink* sink);

/// What ended.
struct Span {
  enum class Kind : std::uint8_t { internal = 1, server = 2, client = 3 };  // as OTLP numbers them
  using Attribute = std::pair<std::string_view, std::variant<std::string, std::int64_t>>;

  SpanContext context;
  Kind kind = Kind::internal;
  std::string name;
  Micros begun = 0, ended = 0;
  bool failed = false;
  std::vector<Attribute> attributes = {};
};

/// Threads: any.
class SpanSink {
 public:
  virtual ~SpanSink() = default;
  /// Takes the span, or drops it and counts that. Never waits for anybody.
  virtual void take(Span span) noexcept = 0;
};

/// While it lives, what this thread does belongs to the span.
class SpanScope {
 public:
  explicit SpanScope(const SpanContext& context);
  ~SpanScope();
  SpanScope(const SpanScope&) = delete;
  SpanScope& operator=(const SpanScope&) = delete;

 private:
  const SpanContext* const before_;
};

/// The span that this thread works for; null: none that is recorded.
const SpanContext* current_span();

}  // namespace nexus
