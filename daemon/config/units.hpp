// Sizes and durations as people write them: `64MiB`, `10s`. A number without a unit is refused where its unit is
// ambiguous, so that `10` never becomes ten milliseconds by mistake.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nexus {

/// Bytes: digits, alone or with `B`, `KiB`, `MiB`, `GiB` or `TiB`. Returns nothing for anything else and on overflow.
std::optional<std::uint64_t> parse_size(std::string_view text);
/// The shortest exact form: `64MiB`, `1025`.
std::string format_size(std::uint64_t bytes);

/// Digits and one of `ms`, `s`, `m`, `h`, `d`; the unit is required. Returns nothing for anything else and on overflow.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// Only decimal digits.
std::optional<std::uint64_t> parse_count(std::string_view text);

}  // namespace nexus
