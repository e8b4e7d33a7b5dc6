#include "daemon/rails/cursor.hpp"

#include <algorithm>
#include <charconv>

namespace nexus::rails {
namespace {

constexpr std::size_t kEpochDigits = 8;

bool is_epoch(std::string_view text) {
  return text.size() == kEpochDigits &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
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
  if (point == std::string_view::npos || !is_epoch(text.substr(0, point))) return std::nullopt;
  auto cursor = parse_plain_cursor(text.substr(point + 1));
  if (cursor) cursor->epoch = text.substr(0, point);
  return cursor;
}

}  // namespace nexus::rails
