#include "daemon/config/shown.hpp"

#include "daemon/base/escape.hpp"
#include "daemon/base/database_address.hpp"

namespace nexus {
namespace {

/// Up to the last @ before the next URL: a password may hold any character that separates something elsewhere.
std::string mask_userinfo(std::string_view text) {
  constexpr std::string_view mark = "://";
  std::string out;
  for (auto at = text.find(mark); at != std::string_view::npos; at = text.find(mark)) {
    out += text.substr(0, at + mark.size());
    text.remove_prefix(at + mark.size());
    const auto sign = text.substr(0, text.find(mark)).rfind('@');
    if (sign == std::string_view::npos) continue;
    out += "***";
    text.remove_prefix(sign);
  }
  return out += text;
}

}  // namespace

std::string shown_value(std::string_view text) { return escape_controls(mask_userinfo(without_password(text))); }

}  // namespace nexus
