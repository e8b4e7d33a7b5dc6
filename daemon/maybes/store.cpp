#include "daemon/maybes/store.hpp"

#include "daemon/base/json.hpp"
#include "daemon/base/words.hpp"
#include "store/model_rows.hpp"

namespace nexus::maybes {

std::vector<Maybe> list_maybes(const store::Reader& reader, Realm realm, const Filter& filter, std::string_view before,
                               int limit) {
  static const std::string filtered =
      "AND item_id < " + store::from_newest("?4") +
      " AND archived = ?5 AND (?6 = 0 OR pinned = 1) AND (?7 IS NULL OR space = ?7) "
      "AND (?8 IS NULL OR EXISTS (SELECT 1 FROM json_each(maybes.tags) AS mine, json_each(?8) AS wanted "
      "WHERE mine.value = wanted.value)) AND (?9 IS NULL OR instr(folded, ?9) > 0) ORDER BY item_id DESC LIMIT ?10";
  // Two statements, so that the items of one creator are found by an index.
  static const std::string of_creator = store::select_rows<kMaybe>() + "AND created_by = ?3 " + filtered;
  static const std::string of_all = store::select_rows<kMaybe>() + "AND ?3 IS NULL " + filtered;
  const auto tags = filter.tags_any.empty() ? std::nullopt : std::optional(to_text(filter.tags_any));
  return store::all(reader.query(filter.created_by ? of_creator : of_all, realm, filter.created_by, before,
                                 filter.archived, filter.pinned_only, filter.space, tags, filter.folded, limit),
                    store::row_of<kMaybe>);
}

std::string folded_text(const Maybe& maybe) { return fold_text(maybe.title) + "\n" + fold_text(maybe.body); }

bool put_folded(store::Tx& tx, const Maybe& maybe, std::string_view folded) {
  return tx.run(
             "UPDATE maybes SET folded = ?5 "
             "WHERE tenant_id = ?1 AND env = ?2 AND item_id = ?3 AND folded = ?4 AND deleted_at IS NULL",
             Realm{.tenant = maybe.tenant_id, .env = maybe.env}, maybe.item_id, maybe.folded, folded) != 0;
}

void bury_maybe(store::Tx& tx, const Maybe& maybe, Micros at, std::string_view by) {
  tx.run(
      "UPDATE maybes SET title = '', body = '', folded = '', tags = '[]', space = NULL, source_type = '', "
      "source_ref = NULL, deleted_at = ?4, updated_at = ?4, updated_by = ?5 "
      "WHERE tenant_id = ?1 AND env = ?2 AND item_id = ?3",
      maybe.tenant_id, maybe.env, maybe.item_id, at, by);
}

}  // namespace nexus::maybes
