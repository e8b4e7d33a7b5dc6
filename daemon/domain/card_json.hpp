// Cards as clients see them, and the functions that the routes of cards and settings share.
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
/// The same route with the text of a card as its body.
http::Route takes_card(http::Route route);
/// As an item of a list: without `full_text`, which repeats the rest.
Json listed_card_json(const Card& card);
Json listed_card_schema();

/// Makes a card of the caller from a request's text: new id, version "1" unless the header names one.
Card make_card(const http::Input& input, const CardText& text);

/// The answer for a newly stored card, with its event.
http::Applied card_stored(const Card& card, std::string location);

}  // namespace nexus::domain
