// A card that a request sends, with everything that follows from its text. All of it is made when the request is
// parsed, so that the unit which stores the card only binds values.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "daemon/domain/card_text.hpp"

namespace nexus::domain {

struct NewCard {
  Card card;
  CardWords words;
  audit::Activity created;  // prepared
  Json details;             // of the audit row
  std::string answer;       // the JSON of the card; empty where it is too large to be kept until the card is stored
  std::size_t answer_bytes = 0;  // its size
};
using NewCardPtr = std::shared_ptr<const NewCard>;

/// Makes a card of the caller from a request's text: new id, version "1" unless the header names one.
NewCardPtr make_card(const http::Input& input, const CardText& text);

/// What the index holds of a card.
CardWords words_of_card(const Card& card);

/// The parts of a write that stored the card: each call indexes one (store/card_index.hpp).
std::function<bool(store::Tx&)> index_parts(const NewCardPtr& made);

/// The answer for a newly stored card, with its event.
http::Applied card_stored(const NewCardPtr& made, std::string location);
/// The same for a card whose version the unit chose.
http::Applied card_stored_as(const std::string& version, const NewCardPtr& made, std::string location);

}  // namespace nexus::domain
