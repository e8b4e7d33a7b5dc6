// Quotes words for a POSIX shell, so that a pasted command keeps its meaning.
#pragma once
#include <string>
#include <string_view>

namespace nexus {

/// Puts the text in single quotes, in which only the quote itself is special to a shell.
std::string single_quoted(std::string_view text);

/// Returns the text unchanged if it is plain to every shell, else in single quotes.
std::string shell_quote(std::string_view text);

/// A word of a remedy, which is a command line to type: the caller's own word if it is plain, so that no shell or
/// option parser can misread it, otherwise the placeholder, in capitals as in the help of nexusctl. A remedy never
/// contains an invented name, because a pasted line could then change another object.
std::string word_or(std::string_view own, std::string_view placeholder);

}  // namespace nexus
