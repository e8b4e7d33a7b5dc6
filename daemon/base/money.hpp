// Amounts of money as people read and write them. Everything else holds whole micro-units.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nexus {

/// Micro-units as a decimal without trailing zeros: 500001 is `0.500001`, 25000000 is `25`.
std::string amount_text(std::int64_t micros);

/// The three capital letters of a currency that may be written in any case; nothing if it is none.
std::optional<std::string> currency_code(std::string_view text);

}  // namespace nexus
