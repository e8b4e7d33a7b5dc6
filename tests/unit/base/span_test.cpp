// Where a request stands in a trace: what it takes of its client's, and what is drawn.
#include "daemon/base/span.hpp"

#include "tests/catch.hpp"

namespace nexus {
namespace {

const std::string kTrace = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string kParent = "00f067aa0ba902b7";

struct Taken : SpanSink {
  void take(Span) noexcept override {}
};

std::string traceparent(const std::string& flags) { return "00-" + kTrace + "-" + kParent + "-" + flags; }
std::string text(const auto& id) { return {id.data(), id.size()}; }

TEST_CASE("a request stands in its client's trace, below the client's span, with a span of its own") {
  Taken sink;
  const SpanContext one = begin_span(traceparent("01"), kTrace, &sink),
                    other = begin_span(traceparent("01"), kTrace, &sink);
  CHECK(text(one.trace_id) == kTrace);
  CHECK(text(one.parent_id) == kParent);
  CHECK(text(one.span_id) != text(other.span_id));
  CHECK(one.traceresponse() == "00-" + kTrace + "-" + text(one.span_id) + "-01");
}

TEST_CASE("it is recorded when somebody takes spans and the client does not say no") {
  Taken sink;
  for (const char* flags : {"01", "03", "ff", "0b"}) CHECK(begin_span(traceparent(flags), kTrace, &sink).is_recorded());
  for (const char* flags : {"00", "02", "fe"}) CHECK_FALSE(begin_span(traceparent(flags), kTrace, &sink).is_recorded());
  CHECK(begin_span("", "mine", &sink).is_recorded());
  CHECK_FALSE(begin_span(traceparent("01"), kTrace, nullptr).is_recorded());
  CHECK(begin_span(traceparent("01"), kTrace, nullptr).traceresponse().ends_with("-00"));
}

TEST_CASE("without a client's trace, its id is the one of the audit log where that can be one") {
  const auto trace = [](const std::string& id) { return text(begin_span("", id, nullptr).trace_id); };
  CHECK(trace("4bf92f35-77b3-4da6-a3ce-929d0e0e4736") == kTrace);
  CHECK(trace(kTrace) == kTrace);
  for (const std::string& id : {std::string("mine"), std::string(32, '0'), std::string(32, 'g'), std::string()}) {
    CHECK(trace(id).find_first_not_of("0123456789abcdef") == std::string::npos);
    CHECK(trace(id) != trace(id));
  }
  CHECK(begin_span("", kTrace, nullptr).parent_id[0] == '\0');
}

TEST_CASE("a span within another one has it as its parent; a thread knows for which it works") {
  Taken sink;
  const SpanContext outer = begin_span("", "mine", &sink), inner = outer.child();
  CHECK(inner.trace_id == outer.trace_id);
  CHECK(inner.parent_id == outer.span_id);
  CHECK(inner.span_id != outer.span_id);
  CHECK(current_span() == nullptr);
  {
    const SpanScope one(outer);
    const SpanScope two(inner);
    CHECK(current_span() == &inner);
    const SpanScope nobody(begin_span("", "mine", nullptr));
    CHECK(current_span() == nullptr);
  }
  CHECK(current_span() == nullptr);
}

}  // namespace
}  // namespace nexus
