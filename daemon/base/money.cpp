#include "daemon/base/money.hpp"

namespace nexus {

std::string amount_text(std::int64_t micros) {
  constexpr std::int64_t unit = 1'000'000;
  const std::int64_t whole = micros / unit, rest = micros % unit;
  std::string text = (micros < 0 ? "-" : "") + std::to_string(whole < 0 ? -whole : whole);
  if (rest == 0) return text;
  std::string digits = std::to_string(rest < 0 ? -rest : rest);
  digits.insert(0, 6 - digits.size(), '0');
  digits.erase(digits.find_last_not_of('0') + 1);
  return text + "." + digits;
}

std::optional<std::string> currency_code(std::string_view text) {
  if (text.size() != 3) return std::nullopt;
  std::string code;
  for (const char c : text) {
    const bool is_small = c >= 'a' && c <= 'z';
    if (!is_small && (c < 'A' || c > 'Z')) return std::nullopt;
    code += is_small ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return code;
}

}  // namespace nexus
