// Wall-clock time in Nexus: UTC microseconds since 1970 inside, RFC 3339 with milliseconds and `Z` outside. The only
// file that reads the system's wall clock. Deadlines and rates use std::chrono::steady_clock instead.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nexus {

/// UTC microseconds since the Unix epoch.
using Micros = std::int64_t;

inline constexpr Micros kSecond = 1'000'000;
inline constexpr Micros kMinute = 60 * kSecond;
inline constexpr Micros kHour = 60 * kMinute;
inline constexpr Micros kDay = 24 * kHour;

Micros now_micros();

/// `2026-11-23T01:02:03.456Z`; the sub-millisecond part is cut, not rounded.
std::string to_rfc3339(Micros at);

/// Parses RFC 3339 with a mandatory zone (`Z` or `±hh:mm`); returns nothing for anything else, including impossible
/// dates.
std::optional<Micros> parse_rfc3339(std::string_view text);

/// SigV4's basic format, `20261123T010203Z`.
std::string to_amz_date(Micros at);
/// The reverse of to_amz_date; returns nothing when malformed.
std::optional<Micros> parse_amz_date(std::string_view text);

}  // namespace nexus
