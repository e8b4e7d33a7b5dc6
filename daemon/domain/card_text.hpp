// Cards as texts and as JSON, for the routes of cards and settings.
//
// The text of a card is split into a YAML header, a line `---`, and a body, which is never interpreted. The header may
// begin with a `---` of its own. The first later line that is exactly `---` ends it, and any after that belong to the
// body. A leading byte order mark and CR LF line ends are accepted. The text itself is kept byte for byte.
//
// A stranger's header is bounded in every way: bytes, depth, one document, a mapping with unique text keys. What YAML
// it may hold says daemon/domain/yaml.hpp.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/domain/card.hpp"
#include "daemon/http/route.hpp"

namespace nexus::domain {

struct CardText {
  Json header;
  std::string card_type;
  std::optional<std::string> version;  // the header's own
  std::int64_t body_at = 0;            // the start of the trimmed body, in bytes
  std::int64_t body_bytes = 0;
};

/// Throws the 422 that says what is wrong, and where.
CardText parse_card_text(std::string_view text);

// The types whose cards are versions of settings.
inline constexpr std::string_view kSurfaceSettings = "surface_settings";
inline constexpr std::string_view kAppDefinition = "app_definition";
inline constexpr std::string_view kConnectorConfig = "connector_config";

Json card_json(const Card& card);
Json card_schema();
/// The same route with the text of a card as its body.
http::Route takes_card(http::Route route);
/// As an item of a list: without `full_text`, which repeats the rest.
Json listed_card_json(const Card& card);
Json listed_card_schema();

}  // namespace nexus::domain
