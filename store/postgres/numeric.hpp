// PostgreSQL's decimal numbers in their binary format: a head of four 16-bit numbers (count of digits, weight of the
// first, sign, decimals to show), then digits of base 10 000.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace nexus::store {

/// Nothing for a fraction, for what is no number, and for what an int64 does not hold.
std::optional<std::int64_t> numeric_integer(std::string_view bytes);
/// The nearest double. Infinities and NaN are those of double.
double numeric_real(std::string_view bytes);

}  // namespace nexus::store
