#include "daemon/blobs/range.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "daemon/base/etag.hpp"
#include "daemon/base/text.hpp"

namespace nexus::blobs {
namespace {

/// Digits only; a number beyond 64 bits is as good as the largest one.
std::optional<std::uint64_t> parse_position(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc::result_out_of_range ? std::numeric_limits<std::uint64_t>::max() : value;
}

RangeResult suffix(std::string_view text, std::uint64_t size) {
  const auto length = parse_position(text);
  if (!length) return {};
  if (*length == 0) return {RangeKind::unsatisfiable, {}};
  if (size == 0) return {};  // the last n bytes of an empty object: the whole
  return {RangeKind::part, {size - std::min(*length, size), size - 1}};
}

}  // namespace

RangeResult parse_range(std::string_view header, std::uint64_t size) {
  constexpr std::string_view unit = "bytes=";
  header = trim_ascii(header);
  if (header.size() < unit.size() || !iequals_ascii(header.substr(0, unit.size()), unit)) return {};
  const std::string_view spec = trim_ascii(header.substr(unit.size()));
  const std::size_t dash = spec.find('-');
  if (dash == std::string_view::npos) return {};
  if (dash == 0) return suffix(spec.substr(1), size);
  const auto first = parse_position(spec.substr(0, dash));
  const std::string_view last_text = spec.substr(dash + 1);
  const auto last = last_text.empty() ? std::numeric_limits<std::uint64_t>::max() : parse_position(last_text);
  if (!first || !last || *last < *first) return {};
  if (*first >= size) return {RangeKind::unsatisfiable, {}};
  return {RangeKind::part, {*first, std::min(*last, size - 1)}};
}

bool if_range_matches(std::string_view header, std::string_view etag) { return trim_ascii(header) == etag; }

ReadPlan plan_read(const ReadConditions& conditions, std::string_view etag, std::uint64_t size) {
  if (conditions.if_match && !if_match_names(*conditions.if_match, etag)) return {412, 0, 0, {}};
  if (conditions.if_none_match && if_none_match_names(*conditions.if_none_match, etag)) return {304, 0, 0, {}};
  const bool wanted = conditions.range && (!conditions.if_range || if_range_matches(*conditions.if_range, etag));
  const RangeResult result = wanted ? parse_range(*conditions.range, size) : RangeResult{};
  const std::string total = std::to_string(size);
  if (result.kind == RangeKind::whole) return {200, 0, size, {}};
  if (result.kind == RangeKind::unsatisfiable) return {416, 0, 0, "bytes */" + total};
  const std::string ends = std::to_string(result.range.first) + "-" + std::to_string(result.range.last);
  return {206, result.range.first, result.range.size(), "bytes " + ends + "/" + total};
}

}  // namespace nexus::blobs
