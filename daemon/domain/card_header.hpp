// The YAML header of a card as JSON: the one place that knows yaml-cpp.
//
// A stranger's header is bounded in every way: bytes, depth, one document, a mapping with unique text keys. Anchors,
// aliases and tags are refused, so no part of a header can expand or name a type. Scalars are those of YAML's core
// schema (YAML 1.2.2 section 10.3): null, true, 12, 0x1f, 1.5; quoted ones, times and all others are text.
#pragma once
#include <string_view>

#include "daemon/base/json.hpp"

namespace nexus::domain {

/// `lines_before` lines of the card come before the header, because errors count from the card's first line. Throws the
/// 422 that names line and column.
Json parse_card_header(std::string_view yaml, int lines_before);

}  // namespace nexus::domain
