#include "store/folded_texts.hpp"

#include <algorithm>

#include "store/retention.hpp"
#include "store/rows.hpp"

namespace nexus::store {
namespace {

/// The last text that was folded again; nothing when all were.
std::optional<TextKey> find_mark(const Reader& reader, const FoldedTexts& texts) {
  return first(reader.query("SELECT tenant_id, env, id FROM folded_texts WHERE kind = ?1 AND done = 0", texts.kind),
               [](const Query& q) {
                 return TextKey{place_of(q), q.text(2)};
               });
}

/// `columns` of the texts behind the key ?1, ?2, ?3, as many as ?4. A key bound by values is found by its index.
std::string select_behind(const FoldedTexts& texts, std::string_view columns) {
  const std::string key = "tenant_id, env, " + std::string(texts.id);
  return ("SELECT " + std::string(columns) + " FROM ").append(texts.table) + " WHERE (" + key +
         ") > (?1, ?2, ?3) AND " + std::string(texts.condition) + " ORDER BY " + key + " LIMIT ?4";
}

}  // namespace

bool fold_again_unless(Tx& tx, std::string_view version) {
  bool waits = false;
  for (const FoldedTexts& texts : {kFoldedCards, kFoldedMaybes}) {
    const std::string any =
        "SELECT 1 FROM " + std::string(texts.table) + " WHERE " + std::string(texts.condition) + " LIMIT 1";
    const bool some = tx.query(any).next();
    const auto changed = tx.run(
        "UPDATE folded_texts SET version = ?2, done = ?3, tenant_id = '', env = '', id = '' "
        "WHERE kind = ?1 AND version <> ?2",
        texts.kind, version, some ? 0 : 1);
    waits = waits || (changed > 0 && some);
  }
  return waits;
}

std::vector<TextKey> next_to_fold(const Reader& reader, const FoldedTexts& texts, int limit) {
  const auto mark = find_mark(reader, texts);
  if (!mark) return {};
  return all(reader.query(select_behind(texts, "tenant_id, env, " + std::string(texts.id)), mark->place.realm(),
                          mark->id, limit),
             [](const Query& q) {
               return TextKey{place_of(q), q.text(2)};
             });
}

std::int64_t count_to_fold(const Reader& reader, const FoldedTexts& texts) {
  const auto mark = find_mark(reader, texts);
  if (!mark) return 0;
  const std::string count = "SELECT count(*) FROM (" + select_behind(texts, "1 AS one") + ") AS counted";
  return std::max<std::int64_t>(1, integer_of(reader.query(count, mark->place.realm(), mark->id, kCountMax)));
}

void move_fold_mark(Tx& tx, const FoldedTexts& texts, const TextKey& last) {
  tx.run("UPDATE folded_texts SET tenant_id = ?2, env = ?3, id = ?4 WHERE kind = ?1", texts.kind, last.place.tenant_id,
         last.place.env, last.id);
}

void end_folding(Tx& tx, const FoldedTexts& texts) {
  tx.run("UPDATE folded_texts SET done = 1 WHERE kind = ?1", texts.kind);
}

}  // namespace nexus::store
