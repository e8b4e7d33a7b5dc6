// The text that people read in an encoded one: percent-encoding (RFC 3986 2.1), also of itself, and full-width forms
// (U+FF01 to U+FF5E) in their ASCII place. Every byte knows where it came from, so that what is found can be masked in
// the text as it was sent.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nexus::audit {

struct Decoded {
  std::string text;
  /// For each byte of `text`, and for its end, the offset in the text that was decoded.
  std::vector<std::size_t> origins;
};

/// Nothing when the text holds nothing encoded. The time is linear.
std::optional<Decoded> decoded(std::string_view text);

}  // namespace nexus::audit
