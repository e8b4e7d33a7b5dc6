#include "cli/engine/escape.hpp"

#include <langinfo.h>
#include <utf8proc.h>
#include <wchar.h>

#include <algorithm>
#include <cstdio>
#include <map>

namespace nexus::cli {
namespace {

struct Point {
  utf8proc_int32_t value = 0;
  std::size_t length = 0;  // 0: not UTF-8 here
};

Point decode(std::string_view text) {
  Point point;
  const auto used = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                     static_cast<utf8proc_ssize_t>(text.size()), &point.value);
  if (used > 0) point.length = static_cast<std::size_t>(used);
  return point;
}

/// What a terminal acts upon, or what is no character: byte order marks inside a text, U+FFFE and U+FFFF, which readers
/// of YAML refuse.
bool must_be_escaped(utf8proc_int32_t c) {
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

// Copies `text`. Characters that `own` names are written so; others that must be escaped are.
std::string escape(std::string_view text, bool json, const std::map<utf8proc_int32_t, std::string_view>& own) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Point point = decode(text);
    const std::string_view character = text.substr(0, std::max<std::size_t>(point.length, 1));
    if (point.length == 0)
      out += code_of(static_cast<unsigned char>(character.front()), true);
    else if (const auto found = own.find(point.value); found != own.end())
      out += found->second;
    else if (must_be_escaped(point.value))
      out += code_of(static_cast<unsigned>(point.value), point.value < 0x80 && !json);
    else
      out += character;
    text.remove_prefix(character.size());
  }
  return out;
}

}  // namespace

std::string escape_controls(std::string_view text) { return escape(text, false, {}); }

std::string escape_lines(std::string_view text) { return escape(text, false, {{'\n', "\n"}, {'\t', "\t"}}); }

std::string safe_on_terminal(std::string_view text) {
  static constexpr std::string_view kColours[] = {"\x1b[0m", "\x1b[1m", "\x1b[31m", "\x1b[32m"};
  std::string out;
  while (!text.empty()) {
    const auto colour = std::ranges::find_if(kColours, [&](std::string_view each) { return text.starts_with(each); });
    const bool own = colour != std::end(kColours);
    const std::size_t length = own ? colour->size() : text.find('\x1b', 1);
    const std::string_view piece = text.substr(0, length);
    out += own ? std::string(piece) : escape_lines(piece);
    text.remove_prefix(piece.size());
  }
  return out;
}

std::string escape_tsv(std::string_view text) {
  return escape(text, false, {{'\t', "\\t"}, {'\n', "\\n"}, {'\r', "\\r"}, {'\\', "\\\\"}});
}

std::string json_text(const Json& value, int indent) {
  const std::string text = value.dump(indent, ' ', false, Json::error_handler_t::replace);
  // The only raw newlines are those of the indentation: inside strings the library has escaped them.
  return escape(text, true, {{'\n', "\n"}});
}

std::string_view sign(std::string_view utf8, std::string_view ascii) {
  return std::string_view(::nl_langinfo(CODESET)) == "UTF-8" ? utf8 : ascii;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const Point point = decode(text);
    const int columns = point.length == 0 ? 1 : ::wcwidth(static_cast<wchar_t>(point.value));
    // In a plain "C" locale wcwidth knows ASCII only; one column is then the best guess.
    width += columns >= 0 ? static_cast<std::size_t>(columns) : 1;
    text.remove_prefix(std::max<std::size_t>(point.length, 1));
  }
  return width;
}

}  // namespace nexus::cli
