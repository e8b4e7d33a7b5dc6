// Cards as rows. What a card's text means is daemon/nexus/card_text's; here it is stored, found and taken away, and the
// full-text index follows in the same transaction.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/clock.hpp"
#include "daemon/base/realm.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::store {

struct Card {
  std::string tenant_id;
  std::string env;
  std::string card_id;
  std::string card_type;
  std::string version;
  std::string header;     // JSON
  std::string full_text;  // byte for byte as it was sent
  std::int64_t body_at = 0;
  std::int64_t body_bytes = 0;
  Micros created_at = 0;
  std::string created_by;

  /// The body without the white space around it. Refers to full_text.
  std::string_view body_text() const {
    return std::string_view(full_text).substr(static_cast<std::size_t>(body_at), static_cast<std::size_t>(body_bytes));
  }
};

/// Columns of a query that selects NEXUS_CARD_COLUMNS from `cards c` first.
#define NEXUS_CARD_COLUMNS                                                                                  \
  "c.tenant_id, c.env, c.card_id, c.card_type, c.version, c.header, c.full_text, c.body_at, c.body_bytes, " \
  "c.created_at, c.created_by"
Card card_of(const Query& q);

std::optional<Card> find_card(const Reader& reader, Realm realm, std::string_view card_id);
/// Newest first, from before `before` ("" for the start); of all types when `card_type` is "".
std::vector<Card> list_cards(const Reader& reader, Realm realm, std::string_view card_type, std::string_view before,
                             int limit);
/// Stores and indexes it.
void insert_card(Tx& tx, const Card& card);
/// Leaves a tombstone: the row, without header and text.
void delete_card(Tx& tx, const Card& card, Micros now);

}  // namespace nexus::store
