#include "store/packs.hpp"

#include "store/erasure.hpp"
#include "store/idempotency.hpp"
#include "store/sqlite/rows.hpp"

namespace nexus::store {
namespace {

InfluencePack pack_of(const Query& q) {
  return {.tenant_id = q.text(0),
          .env = q.text(1),
          .pack_id = q.text(2),
          .query = q.text(3),
          .card_refs = q.text(4),
          .result_count = q.integer(5),
          .created_at = q.integer(6),
          .created_by = q.text(7)};
}

}  // namespace

// A literal, so that every statement stays one cached literal too.
#define NEXUS_SELECT_PACK                                                                                              \
  "SELECT tenant_id, env, pack_id, query, card_refs, result_count, created_at, created_by FROM influence_packs WHERE " \
  "tenant_id = ?1 AND env = ?2 "

std::optional<InfluencePack> find_pack(const Reader& reader, Realm realm, std::string_view pack_id) {
  return first(reader.query(NEXUS_SELECT_PACK "AND pack_id = ?3", realm, pack_id), pack_of);
}

std::vector<InfluencePack> list_packs(const Reader& reader, Realm realm, std::string_view before, int limit) {
  return all(reader.query(NEXUS_SELECT_PACK "AND (?3 = '' OR pack_id < ?3) ORDER BY pack_id DESC LIMIT ?4", realm,
                          before, limit),
             pack_of);
}

#undef NEXUS_SELECT_PACK

std::vector<Excerpt> list_excerpts(const Reader& reader, const InfluencePack& pack) {
  return all(reader.query("SELECT card_id, excerpt FROM pack_excerpts AS e WHERE tenant_id = ?1 AND env = ?2 "
                          "AND pack_id = ?3 AND EXISTS (SELECT 1 FROM cards WHERE tenant_id = ?1 AND env = ?2 "
                          "AND card_id = e.card_id AND deleted_at IS NULL)",
                          pack.tenant_id, pack.env, pack.pack_id),
             [](const Query& q) {
               return Excerpt{q.text(0), q.text(1)};
             });
}

void insert_pack(Tx& tx, const InfluencePack& pack, const std::vector<Excerpt>& excerpts) {
  tx.run(
      "INSERT INTO influence_packs (tenant_id, env, pack_id, query, card_refs, result_count, created_at, created_by) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
      pack.tenant_id, pack.env, pack.pack_id, pack.query, pack.card_refs, pack.result_count, pack.created_at,
      pack.created_by);
  for (const auto& [card_id, excerpt] : excerpts)
    tx.run("INSERT INTO pack_excerpts (tenant_id, env, pack_id, card_id, excerpt) VALUES (?1, ?2, ?3, ?4, ?5)",
           pack.tenant_id, pack.env, pack.pack_id, card_id, excerpt);
}

void delete_pack(Tx& tx, const InfluencePack& pack) {
  tx.run("DELETE FROM pack_excerpts WHERE tenant_id = ?1 AND env = ?2 AND pack_id = ?3", pack.tenant_id, pack.env,
         pack.pack_id);
  tx.run("DELETE FROM influence_packs WHERE tenant_id = ?1 AND env = ?2 AND pack_id = ?3", pack.tenant_id, pack.env,
         pack.pack_id);
}

bool drop_excerpts(Tx& tx, const Subject& card, int limit) {
  const auto packs = all(tx.query("SELECT pack_id FROM pack_excerpts WHERE tenant_id = ?1 AND env = ?2 "
                                  "AND card_id = ?3 LIMIT ?4",
                                  card.tenant_id, card.env, card.id, limit),
                         [](const Query& q) { return q.text(0); });
  for (const std::string& pack_id : packs) {
    drop_excerpt_from_answers(tx, {card.tenant_id, card.env, "influence_pack", pack_id}, card.id);
    tx.run("DELETE FROM pack_excerpts WHERE tenant_id = ?1 AND env = ?2 AND pack_id = ?3 AND card_id = ?4",
           card.tenant_id, card.env, pack_id, card.id);
  }
  return packs.size() < static_cast<std::size_t>(limit);
}

}  // namespace nexus::store
