// Cards as clients see them, and what the routes of cards and settings share.
#pragma once
#include "daemon/domain/card.hpp"
#include "daemon/domain/card_text.hpp"
#include "daemon/http/route.hpp"

namespace nexus::domain {

// The types whose cards are versions of settings.
inline constexpr std::string_view kSurfaceSettings = "surface_settings";
inline constexpr std::string_view kAppDefinition = "app_definition";
inline constexpr std::string_view kConnectorConfig = "connector_config";

Json card_json(const Card& card);
Json card_schema();
/// The route, whose body is the text of a card.
http::Route takes_card(http::Route route);
/// As an item of a list: without `full_text`, which says all of it a second time.
Json listed_card_json(const Card& card);
Json listed_card_schema();

/// A card of the caller's from a request's text: new id, version "1" unless the header names one.
Card make_card(const http::Input& input, const CardText& text);

/// The answer to a card just stored, with its event.
http::Applied card_stored(const Card& card, std::string location);

}  // namespace nexus::domain
