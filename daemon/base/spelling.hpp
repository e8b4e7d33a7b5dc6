// Texts for readers that know nothing but ASCII.
#pragma once
#include <string>
#include <string_view>

namespace nexus {

/// The nearest spelling in ASCII: letters lose their accents (`u` for `ü`), a few become two (`ss` for `ß`), and a run
/// of what has no such spelling becomes `_`. The text must be valid UTF-8; otherwise throws std::invalid_argument.
std::string to_ascii(std::string_view text);

}  // namespace nexus
