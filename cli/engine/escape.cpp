#include "cli/engine/escape.hpp"

#include <langinfo.h>
#include <wchar.h>

#include <algorithm>

namespace nexus::cli {

std::string escape_lines(std::string_view text) {
  return escape(text, EscapeForm::people, {{'\n', "\n"}, {'\t', "\t"}});
}

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
  return escape(text, EscapeForm::people, {{'\t', "\\t"}, {'\n', "\\n"}, {'\r', "\\r"}, {'\\', "\\\\"}});
}

std::string json_text(const Json& value, int indent) {
  const std::string text = value.dump(indent, ' ', false, Json::error_handler_t::replace);
  // The only raw newlines are those of the indentation: inside strings the library has escaped them.
  return escape(text, EscapeForm::json, {{'\n', "\n"}});
}

std::string_view sign(std::string_view utf8, std::string_view ascii) {
  return std::string_view(::nl_langinfo(CODESET)) == "UTF-8" ? utf8 : ascii;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const CodePoint point = first_point(text);
    const int columns = point.bytes == 0 ? 1 : ::wcwidth(static_cast<wchar_t>(point.value));
    // In a plain "C" locale wcwidth knows ASCII only; one column is then the best guess.
    width += columns >= 0 ? static_cast<std::size_t>(columns) : 1;
    text.remove_prefix(std::max<std::size_t>(point.bytes, 1));
  }
  return width;
}

}  // namespace nexus::cli
