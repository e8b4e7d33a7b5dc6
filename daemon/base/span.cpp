#include "daemon/base/span.hpp"

#include <algorithm>

#include "daemon/base/crypto.hpp"
#include "daemon/base/uuid.hpp"

namespace nexus {
namespace {

thread_local const SpanContext* current = nullptr;

/// An id of zeros is invalid.
bool is_zero(const auto& id) {
  return std::ranges::all_of(id, [](char digit) { return digit == '0'; });
}

bool is_trace_id(std::string_view text) {
  return text.size() == 32 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

template <std::size_t digits>
void draw(std::array<char, digits>& id) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  do {
    std::array<std::uint8_t, digits / 2> bytes{};
    draw_random(bytes.data(), bytes.size());
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      id[2 * i] = kDigits[bytes[i] >> 4];
      id[2 * i + 1] = kDigits[bytes[i] & 15];
    }
  } while (is_zero(id));
}

std::string_view view(const auto& id) { return {id.data(), id.size()}; }

}  // namespace

SpanContext SpanContext::child() const {
  SpanContext inner = *this;
  inner.parent_id = span_id;
  draw(inner.span_id);
  return inner;
}

std::string SpanContext::traceresponse() const {
  std::string text;
  text.reserve(55);
  return text.append("00-")
      .append(view(trace_id))
      .append("-")
      .append(view(span_id))
      .append(is_recorded() ? "-01" : "-00");
}

SpanContext begin_span(std::string_view traceparent, std::string_view trace_id, SpanSink* sink) {
  SpanContext context;
  draw(context.span_id);
  if (!traceparent.empty()) {  // version, trace id, parent id and flags stand at fixed places
    std::ranges::copy(traceparent.substr(3, 32), context.trace_id.begin());
    std::ranges::copy(traceparent.substr(36, 16), context.parent_id.begin());
    const bool sampled = std::string_view("13579bdf").find(traceparent[54]) != std::string_view::npos;
    context.sink = sampled ? sink : nullptr;
    return context;
  }
  context.sink = sink;
  context.trace_id.fill('0');
  if (is_uuid(trace_id) || is_trace_id(trace_id)) std::ranges::remove_copy(trace_id, context.trace_id.begin(), '-');
  if (is_zero(context.trace_id)) draw(context.trace_id);
  return context;
}

SpanScope::SpanScope(const SpanContext& context) : before_(current) {
  current = context.is_recorded() ? &context : nullptr;
}
SpanScope::~SpanScope() { current = before_; }

const SpanContext* current_span() { return current; }

}  // namespace nexus
