// The excerpts of cards in influence packs, which are deleted with their cards. All other statements on packs are
// derived (model_rows.hpp).
#pragma once

#include "daemon/base/realm.hpp"
#include "daemon/packs/pack.hpp"
#include "store/query.hpp"

namespace nexus::store {

using packs::InfluencePack;

/// An excerpt of a card, by its id.
using Excerpt = std::pair<std::string, std::string>;

/// The excerpts of cards that still exist.
std::vector<Excerpt> list_excerpts(const Reader& reader, const InfluencePack& pack);
void insert_pack(Tx& tx, const InfluencePack& pack, const std::vector<Excerpt>& excerpts);
void delete_pack(Tx& tx, const InfluencePack& pack);

}  // namespace nexus::store
