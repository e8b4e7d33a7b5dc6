#include "daemon/rails/resume.hpp"

#include <charconv>

namespace nexus::rails {
namespace {

constexpr std::size_t kEpochDigits = 8;

std::optional<GapReason> gap_after(const Cursor& cursor, const Span& span) {
  if (cursor.epoch != span.epoch) return GapReason::epoch;
  if (cursor.seq > span.head) return GapReason::ahead;
  if (cursor.seq < span.pruned_to) return GapReason::pruned;
  return std::nullopt;
}

}  // namespace

std::string Cursor::text() const { return epoch.empty() ? std::to_string(seq) : epoch + "." + std::to_string(seq); }

std::optional<Cursor> parse_plain_cursor(std::string_view text) {
  Cursor cursor;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), cursor.seq);
  if (error != std::errc() || end != text.data() + text.size() || cursor.seq < 0 || cursor.text() != text)
    return std::nullopt;
  return cursor;
}

std::optional<Cursor> parse_cursor(std::string_view text) {
  const std::size_t point = text.find('.');
  if (point != kEpochDigits || text.substr(0, point).find_first_not_of("0123456789abcdef") != std::string_view::npos)
    return std::nullopt;
  auto cursor = parse_plain_cursor(text.substr(point + 1));
  if (cursor) cursor->epoch = text.substr(0, point);
  return cursor;
}

std::string_view to_string(GapReason reason) {
  constexpr std::string_view names[] = {"pruned", "epoch", "ahead"};
  return names[static_cast<std::size_t>(reason)];
}

std::optional<Gap> overtaken(std::int64_t after, const Span& span) {
  if (after >= span.pruned_to) return std::nullopt;
  return Gap{Cursor{span.epoch, after}.text(), Cursor{span.epoch, span.pruned_to}.text(), GapReason::pruned};
}

Start decide_start(const StartRequest& request, const Span& span) {
  if (!request.after) return {request.from_earliest ? span.pruned_to : span.head, std::nullopt};
  const auto reason = gap_after(*request.after, span);
  if (!reason) return {request.after->seq, std::nullopt};
  return {span.pruned_to, Gap{request.after->text(), Cursor{span.epoch, span.pruned_to}.text(), *reason}};
}

}  // namespace nexus::rails
