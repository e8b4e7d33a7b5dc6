// A card: a text with a YAML header. A card never changes.
#pragma once
#include "daemon/base/realm.hpp"
#include "daemon/model/field.hpp"

namespace nexus::domain {

struct Card {
  std::string tenant_id;
  std::string env;
  std::string card_id;
  std::string card_type;
  std::string version;
  std::string header;     // JSON
  std::string full_text;  // byte for byte as sent
  std::int64_t body_at = 0;
  std::int64_t body_bytes = 0;
  Micros created_at = 0;
  std::string created_by;

  Realm realm() const { return {.tenant = tenant_id, .env = env}; }
  /// The body without the white space around it. Refers to full_text.
  std::string_view body_text() const {
    return std::string_view(full_text).substr(static_cast<std::size_t>(body_at), static_cast<std::size_t>(body_bytes));
  }
};

/// What the index of cards holds of a card: the words of the values of its header, then those of its body, folded by
/// daemon/base/words. Made before the unit that stores the card.
struct CardWords {
  std::string text;        // each word with a space behind it
  std::int64_t count = 0;  // of the words
};

/// Answers also show the body, and the full text when a single card is requested.
inline constexpr model::Table kCard{
    "CardSummary", "cards",
    std::array{model::tenant(&Card::tenant_id), model::env(&Card::env), model::id("card_id", &Card::card_id),
               model::made("card_type", &Card::card_type), model::made("version", &Card::version),
               model::made(model::document("header", &Card::header, {})), model::hidden("full_text", &Card::full_text),
               model::hidden("body_at", &Card::body_at), model::hidden("body_bytes", &Card::body_bytes),
               model::made_time("created_at", &Card::created_at), model::made("created_by", &Card::created_by)},
    "deleted_at IS NULL"};

}  // namespace nexus::domain
