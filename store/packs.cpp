#include "store/packs.hpp"

#include "store/model_rows.hpp"

namespace nexus::store {
using packs::kPack;

std::vector<Excerpt> list_excerpts(const Reader& reader, const InfluencePack& pack) {
  return all(reader.query("SELECT card_id, excerpt FROM pack_excerpts AS e WHERE tenant_id = ?1 AND env = ?2 "
                          "AND pack_id = ?3 AND EXISTS (SELECT 1 FROM cards WHERE tenant_id = ?1 AND env = ?2 "
                          "AND card_id = e.card_id AND deleted_at IS NULL)",
                          pack.realm(), pack.pack_id),
             [](const Query& q) { return Excerpt(q.text(0), q.text(1)); });
}

void insert_pack(Tx& tx, const InfluencePack& pack, const std::vector<Excerpt>& excerpts) {
  insert_row<kPack>(tx, pack);
  for (const auto& [card_id, excerpt] : excerpts)
    tx.run("INSERT INTO pack_excerpts (tenant_id, env, pack_id, card_id, excerpt) VALUES (?1, ?2, ?3, ?4, ?5)",
           pack.realm(), pack.pack_id, card_id, excerpt);
}

void delete_pack(Tx& tx, const InfluencePack& pack) {
  tx.run("DELETE FROM pack_excerpts WHERE tenant_id = ?1 AND env = ?2 AND pack_id = ?3", pack.realm(), pack.pack_id);
  tx.run("DELETE FROM influence_packs WHERE tenant_id = ?1 AND env = ?2 AND pack_id = ?3", pack.realm(), pack.pack_id);
}

}  // namespace nexus::store
