// Makes text of others safe to print: it may hold escape sequences that would drive a terminal. Pure functions; nothing
// here knows where the text goes.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace nexus {

/// Control characters (C0, DEL, C1), bidirectional overrides, byte order marks, U+FFFE, U+FFFF and invalid UTF-8 become
/// visible `\x1b`, `\u009b`. Everything else, backslashes too, stays. For people; not reversible.
std::string escape_controls(std::string_view text);

// ---- what such functions are made of

struct CodePoint {
  std::int32_t value = 0;
  std::size_t bytes = 0;  ///< 0: the text does not begin with UTF-8
};
CodePoint first_point(std::string_view text);

enum class EscapeForm {
  people,  ///< `\x1b`
  json,    ///< `\u001b`
};
/// Characters that are always written so.
using OwnEscapes = std::map<std::int32_t, std::string_view>;

/// Copies `text`. Characters that `own` names are written so; others that escape_controls() escapes are escaped.
std::string escape(std::string_view text, EscapeForm form, const OwnEscapes& own);

}  // namespace nexus
