#include "daemon/audit/pii_decoded.hpp"

namespace nexus::audit {
namespace {

/// How often an encoding may have been encoded again (`%2540`).
constexpr int kRoundsMax = 3;

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

struct Unit {
  char byte = 0;
  std::size_t length = 1;  // in the encoded text
};

/// `%40`, a full-width form, or the byte itself.
Unit unit_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  if (text.size() - at < 3) return {text[at]};
  if (text[at] == '%' && hex_value(text[at + 1]) >= 0 && hex_value(text[at + 2]) >= 0)
    return {static_cast<char>(hex_value(text[at + 1]) * 16 + hex_value(text[at + 2])), 3};
  if (byte(0) != 0xEF || (byte(1) != 0xBC && byte(1) != 0xBD) || (byte(2) & 0xC0) != 0x80) return {text[at]};
  const int place = (byte(1) - 0xBC) * 64 + (byte(2) - 0x80);  // from U+FF00 on
  return place >= 0x01 && place <= 0x5E ? Unit{static_cast<char>(place + 0x20), 3} : Unit{text[at]};
}

}  // namespace

std::optional<Decoded> decoded(std::string_view text) {
  if (text.find('%') == text.npos && text.find('\xEF') == text.npos) return std::nullopt;
  std::optional<Decoded> out;
  for (int round = 0; round < kRoundsMax; ++round) {
    Decoded next;
    const std::string_view from = out ? std::string_view(out->text) : text;
    for (std::size_t at = 0; at < from.size();) {
      const Unit unit = unit_at(from, at);
      next.text.push_back(unit.byte);
      next.origins.push_back(out ? out->origins[at] : at);
      at += unit.length;
    }
    if (next.text.size() == from.size()) break;
    next.origins.push_back(text.size());
    out = std::move(next);
  }
  return out;
}

}  // namespace nexus::audit
