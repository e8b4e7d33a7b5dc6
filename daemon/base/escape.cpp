#include "daemon/base/escape.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <cstdio>

namespace nexus {
namespace {

/// What a terminal acts upon, or what is no character: byte order marks inside a text, U+FFFE and U+FFFF, which readers
/// of YAML refuse.
bool must_be_escaped(std::int32_t c) {
  const bool none = c == 0xFEFF || c == 0xFFFE || c == 0xFFFF;
  const bool control = c < 0x20 || (c >= 0x7F && c <= 0x9F);
  const bool direction = (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0x200E || c == 0x200F;
  return none || control || direction || c == 0x2028 || c == 0x2029;
}

std::string code_of(unsigned value, bool short_form) {
  char buffer[12];
  std::snprintf(buffer, sizeof buffer, short_form ? "\\x%02x" : "\\u%04x", value);
  return buffer;
}

}  // namespace

CodePoint first_point(std::string_view text) {
  utf8proc_int32_t value = 0;
  const auto used = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                     static_cast<utf8proc_ssize_t>(text.size()), &value);
  return used > 0 ? CodePoint{value, static_cast<std::size_t>(used)} : CodePoint{};
}

std::string escape(std::string_view text, EscapeForm form, const OwnEscapes& own) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const CodePoint point = first_point(text);
    const std::string_view character = text.substr(0, std::max<std::size_t>(point.bytes, 1));
    if (point.bytes == 0)
      out += code_of(static_cast<unsigned char>(character.front()), true);
    else if (const auto found = own.find(point.value); found != own.end())
      out += found->second;
    else if (must_be_escaped(point.value))
      out += code_of(static_cast<unsigned>(point.value), point.value < 0x80 && form == EscapeForm::people);
    else
      out += character;
    text.remove_prefix(character.size());
  }
  return out;
}

std::string escape_controls(std::string_view text) { return escape(text, EscapeForm::people, {}); }

}  // namespace nexus
