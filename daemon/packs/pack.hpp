// An influence pack: a query and its results, kept unchanged. Each excerpt is a row of its own, so that it is deleted
// together with its card.
#pragma once
#include "daemon/base/realm.hpp"
#include "daemon/model/field.hpp"

namespace nexus::packs {

struct InfluencePack {
  std::string tenant_id;
  std::string env;
  std::string pack_id;
  std::string query;      // JSON, as it was sent
  std::string card_refs;  // JSON array of {card_id, score}, best first
  std::int64_t result_count = 0;
  Micros created_at = 0;
  std::string created_by;
  Realm realm() const { return {.tenant = tenant_id, .env = env}; }
};

/// The part that a list shows: without its cards, which may be a hundred.
inline constexpr model::Table kPack{
    "InfluencePackSummary", "influence_packs",
    std::array{model::tenant(&InfluencePack::tenant_id), model::env(&InfluencePack::env),
               model::id("pack_id", &InfluencePack::pack_id),
               model::made(model::document("query", &InfluencePack::query, {})),
               model::hidden("card_refs", &InfluencePack::card_refs),
               model::hidden("result_count", &InfluencePack::result_count),
               model::made_time("created_at", &InfluencePack::created_at),
               model::made("created_by", &InfluencePack::created_by)}};

}  // namespace nexus::packs
