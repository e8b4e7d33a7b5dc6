// Quotes words for a POSIX shell, so that a pasted command keeps its meaning.
#pragma once
#include <string>
#include <string_view>

namespace nexus {

/// Puts the text in single quotes, in which only the quote itself is special to a shell.
std::string single_quoted(std::string_view text);

/// Returns the text unchanged if it is plain to every shell, else in single quotes.
std::string shell_quote(std::string_view text);

}  // namespace nexus
