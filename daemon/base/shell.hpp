// Words for a POSIX shell: what a person pastes must mean what was meant.
#pragma once
#include <string>
#include <string_view>

namespace nexus {

/// In single quotes, where nothing is special to a shell but the quote itself.
std::string single_quoted(std::string_view text);

/// As it is when no shell reads anything else in it, else in single quotes.
std::string shell_quote(std::string_view text);

}  // namespace nexus
