#include "store/packs.hpp"

#include "store/sqlite/rows.hpp"

namespace nexus::store {

std::optional<InfluencePack> find_pack(const Reader& reader, std::string_view tenant_id, std::string_view env,
                                       std::string_view pack_id) {
  return first(reader.query("SELECT tenant_id, env, pack_id, query, card_refs, result_count, created_at, created_by "
                            "FROM influence_packs WHERE tenant_id = ?1 AND env = ?2 AND pack_id = ?3",
                            tenant_id, env, pack_id),
               [](const Query& q) {
                 return InfluencePack{.tenant_id = q.text(0),
                                      .env = q.text(1),
                                      .pack_id = q.text(2),
                                      .query = q.text(3),
                                      .card_refs = q.text(4),
                                      .result_count = q.integer(5),
                                      .created_at = q.integer(6),
                                      .created_by = q.text(7)};
               });
}

void insert_pack(Tx& tx, const InfluencePack& pack) {
  tx.run(
      "INSERT INTO influence_packs (tenant_id, env, pack_id, query, card_refs, result_count, created_at, created_by) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
      pack.tenant_id, pack.env, pack.pack_id, pack.query, pack.card_refs, pack.result_count, pack.created_at,
      pack.created_by);
}

}  // namespace nexus::store
