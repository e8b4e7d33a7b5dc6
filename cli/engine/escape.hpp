// Makes text of strangers safe to print: stored text may hold escape sequences that would drive a terminal. Pure
// functions; nothing here knows where the text goes.
#pragma once
#include <string>
#include <string_view>

#include "daemon/base/escape.hpp"
#include "daemon/base/json.hpp"

namespace nexus::cli {

/// As escape_controls(), for text of many lines: line ends and tabs stay.
std::string escape_lines(std::string_view text);

/// What may go to a terminal whoever rendered it: as above, and of escape sequences only the colours that nexusctl
/// itself uses.
std::string safe_on_terminal(std::string_view text);

/// One field of a tab-separated record: `\t`, `\n`, `\r`, `\\`; other controls as above. One line, reversible.
std::string escape_tsv(std::string_view text);

/// JSON text; `indent` < 0 is one line. Those of the characters above that JSON leaves raw are written as \uXXXX, which
/// means the same to a program.
std::string json_text(const Json& value, int indent = -1);

/// The sign where the locale's characters are UTF-8, or else the word of ASCII.
std::string_view sign(std::string_view utf8, std::string_view ascii);

/// The columns of `text` on a terminal, counted by code point: East Asian wide ones as two, combining marks as none.
std::size_t display_width(std::string_view text);

}  // namespace nexus::cli
