#include "daemon/http/trace.hpp"

#include <algorithm>

#include "daemon/base/bytes.hpp"
#include "daemon/base/text.hpp"
#include "daemon/base/uuid.hpp"
#include "daemon/limits.hpp"

namespace nexus::http {
namespace {

bool is_hex(std::string_view text, std::size_t length) { return text.size() == length && unhex(text).has_value(); }
bool all_zero(std::string_view text) { return text.find_first_not_of('0') == std::string_view::npos; }

}  // namespace

std::string request_id_of(const RequestHead& head) {
  const std::string* sent = head.find("x-request-id");
  const bool fits = sent != nullptr && !sent->empty() && sent->size() <= limits::request_id_chars_max &&
                    std::ranges::all_of(*sent, [](char c) {
                      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
                             c == '_' || c == '-';
                    });
  return fits ? *sent : uuid_v4();
}

std::optional<std::string> trace_id_of(std::string_view traceparent) {
  const auto parts = split(traceparent, '-');
  // Version ff is invalid; a later version may append parts, version 00 may not.
  if (parts.size() < 4 || !is_hex(parts[0], 2) || parts[0] == "ff" || (parts[0] == "00" && parts.size() != 4))
    return std::nullopt;
  if (!is_hex(parts[1], 32) || all_zero(parts[1]) || !is_hex(parts[2], 16) || all_zero(parts[2]) ||
      !is_hex(parts[3], 2))
    return std::nullopt;
  return std::string(parts[1]);
}

}  // namespace nexus::http
