// Comparison of entity tags (RFC 9110 section 8.8.3.2) with the lists of conditional requests (section 13.1). Our tags
// are strong and hold no comma, so a tag that does cannot be ours.
#pragma once
#include <string_view>

namespace nexus {

/// If-None-Match: weak comparison with a list, or `*`.
bool if_none_match_names(std::string_view header, std::string_view etag);
/// If-Match: strong comparison with a list, or `*`.
bool if_match_names(std::string_view header, std::string_view etag);

}  // namespace nexus
