// Parsing of `64MiB` and `10s`; every multiplication is checked.
#include "daemon/config/units.hpp"

#include <array>
#include <charconv>
#include <limits>

namespace nexus {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::array<Unit, 6> kSizes{
    {{"", 1}, {"B", 1}, {"KiB", 1ULL << 10}, {"MiB", 1ULL << 20}, {"GiB", 1ULL << 30}, {"TiB", 1ULL << 40}}};
constexpr std::array<Unit, 5> kDurations{{{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};

template <std::size_t N>
std::optional<std::uint64_t> parse_with_unit(std::string_view text, const std::array<Unit, N>& units,
                                             std::uint64_t max) {
  std::uint64_t number = 0;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  if (error != std::errc()) return std::nullopt;
  const std::string_view name(end, static_cast<std::size_t>(last - end));
  for (const auto& unit : units) {
    if (unit.name != name) continue;
    if (number > max / unit.factor) return std::nullopt;
    return number * unit.factor;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::uint64_t> parse_size(std::string_view text) {
  return parse_with_unit(text, kSizes, std::numeric_limits<std::int64_t>::max());
}

std::string format_size(std::uint64_t bytes) {
  for (auto unit = kSizes.rbegin(); unit != kSizes.rend(); ++unit) {
    if (unit->factor > 1 && bytes >= unit->factor && bytes % unit->factor == 0) {
      return std::to_string(bytes / unit->factor) + std::string(unit->name);
    }
  }
  return std::to_string(bytes);
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  const auto count = parse_with_unit(text, kDurations, std::numeric_limits<std::int64_t>::max());
  if (!count) return std::nullopt;
  return std::chrono::milliseconds(static_cast<std::int64_t>(*count));
}

std::optional<std::uint64_t> parse_count(std::string_view text) {
  constexpr std::array<Unit, 1> plain{{{"", 1}}};
  return parse_with_unit(text, plain, std::numeric_limits<std::int64_t>::max());
}

}  // namespace nexus
