// Escaping for terminals, tab-separated records and JSON.
#include "cli/engine/escape.hpp"

#include <wchar.h>

#include <array>
#include <cstdio>

namespace nexus::cli {
namespace {

struct Point {
  char32_t value = 0;
  std::size_t length = 0;  // 0: not UTF-8 here
};

// Decodes one code point. Accepts only the strict form (no overlong, no surrogate), because terminals differ on the
// rest.
Point decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 0;
  if (length == 0 || lead > 0xF4 || text.size() < length) return {};
  char32_t value = lead & (0xFF >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    value = value << 6 | (byte(i) & 0x3F);
  }
  constexpr std::array<char32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  if (value < kLeast[length] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return {};
  return {value, length};
}

bool drives_terminal(char32_t c) {
  const bool control = c < 0x20 || (c >= 0x7F && c <= 0x9F);
  const bool direction = (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0x200E || c == 0x200F;
  return control || direction || c == 0x2028 || c == 0x2029;
}

void append_code(std::string& out, char32_t value, bool json) {
  char buffer[12];
  if (value < 0x80 && !json) {
    std::snprintf(buffer, sizeof buffer, "\\x%02x", static_cast<unsigned>(value));
  } else {
    std::snprintf(buffer, sizeof buffer, "\\u%04x", static_cast<unsigned>(value));
  }
  out += buffer;
}

void append_bad_byte(std::string& out, char byte) {
  char buffer[8];
  std::snprintf(buffer, sizeof buffer, "\\x%02x", static_cast<unsigned char>(byte));
  out += buffer;
}

// Copies `text`. `special` gets each character first; other characters that drive a terminal are escaped.
template <typename Special>
std::string escape(std::string_view text, bool json, Special special) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Point point = decode(text);
    if (point.length == 0) {
      append_bad_byte(out, text.front());
      text.remove_prefix(1);
      continue;
    }
    if (!special(out, point.value)) {
      if (drives_terminal(point.value))
        append_code(out, point.value, json);
      else
        out.append(text.substr(0, point.length));
    }
    text.remove_prefix(point.length);
  }
  return out;
}

}  // namespace

std::string escape_controls(std::string_view text) {
  return escape(text, false, [](std::string&, char32_t) { return false; });
}

std::string escape_lines(std::string_view text) {
  return escape(text, false, [](std::string& out, char32_t c) {
    if (c != '\n' && c != '\t') return false;
    out += static_cast<char>(c);
    return true;
  });
}

std::string escape_tsv(std::string_view text) {
  return escape(text, false, [](std::string& out, char32_t c) {
    switch (c) {
      case '\t':
        out += "\\t";
        return true;
      case '\n':
        out += "\\n";
        return true;
      case '\r':
        out += "\\r";
        return true;
      case '\\':
        out += "\\\\";
        return true;
      default:
        return false;
    }
  });
}

std::string json_text(const Json& value, int indent) {
  const std::string text = value.dump(indent, ' ', false, Json::error_handler_t::replace);
  // The only raw newlines are those of the indentation: inside strings the library has escaped them.
  return escape(text, true, [](std::string& out, char32_t c) {
    if (c == '\n') out += '\n';
    return c == '\n';
  });
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const Point point = decode(text);
    if (point.length == 0) {
      ++width;
      text.remove_prefix(1);
      continue;
    }
    const int columns = ::wcwidth(static_cast<wchar_t>(point.value));
    // In a plain "C" locale wcwidth knows ASCII only; one column is then the best guess.
    width += columns >= 0 ? static_cast<std::size_t>(columns) : 1;
    text.remove_prefix(point.length);
  }
  return width;
}

}  // namespace nexus::cli
