// Influence packs as rows: a query and what it found, kept as it was found, but for the excerpts of cards that were
// deleted since.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/base/clock.hpp"
#include "daemon/base/realm.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::store {

struct Subject;

struct InfluencePack {
  std::string tenant_id;
  std::string env;
  std::string pack_id;
  std::string query;      // JSON
  std::string card_refs;  // JSON array of {card_id, score}, best first
  std::int64_t result_count = 0;
  Micros created_at = 0;
  std::string created_by;
};

/// An excerpt of a card, by its id.
using Excerpt = std::pair<std::string, std::string>;

std::optional<InfluencePack> find_pack(const Reader& reader, Realm realm, std::string_view pack_id);
/// Newest first, from before `before` (empty: from the newest).
std::vector<InfluencePack> list_packs(const Reader& reader, Realm realm, std::string_view before, int limit);
/// Of the cards that are still there.
std::vector<Excerpt> list_excerpts(const Reader& reader, const InfluencePack& pack);
void insert_pack(Tx& tx, const InfluencePack& pack, const std::vector<Excerpt>& excerpts);
void delete_pack(Tx& tx, const InfluencePack& pack);
/// Takes up to `limit` excerpts of a card out of packs, and out of stored answers about them; answers whether none is
/// left.
bool drop_excerpts(Tx& tx, const Subject& card, int limit);

}  // namespace nexus::store
