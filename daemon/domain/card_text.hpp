// The text of a card, taken apart: a YAML header, a line `---`, and a body, which is never interpreted. The header may
// begin with a `---` of its own; of the lines that follow, the first that is exactly `---` ends it, and every later one
// is body. A byte order mark before it all and CR LF line ends are borne. The text itself is kept byte for byte.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/base/json.hpp"

namespace nexus::domain {

struct CardText {
  Json header;
  std::string card_type;
  std::optional<std::string> version;  // the header's own
  std::int64_t body_at = 0;            // where the body without the white space around it begins, in bytes
  std::int64_t body_bytes = 0;
};

/// Throws the 422 that says what is wrong and where.
CardText parse_card_text(std::string_view text);

}  // namespace nexus::domain
