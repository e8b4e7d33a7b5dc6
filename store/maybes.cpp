#include "store/maybes.hpp"

#include "daemon/base/json.hpp"
#include "store/events.hpp"
#include "store/sqlite/rows.hpp"

namespace nexus::store {
namespace {

Maybe maybe_of(const Query& q) {
  return {.tenant_id = q.text(0),
          .env = q.text(1),
          .item_id = q.text(2),
          .title = q.text(3),
          .body = q.text(4),
          .tags = Json::parse(q.text_view(5)).get<std::vector<std::string>>(),
          .space = q.optional_text(6),
          .pinned = q.boolean(7),
          .archived = q.boolean(8),
          .source_type = q.text(9),
          .source_ref = q.optional_text(10),
          .created_at = q.integer(11),
          .created_by = q.text(12),
          .updated_at = q.integer(13),
          .updated_by = q.text(14)};
}

}  // namespace

// Literals, so that every statement stays one cached literal too.
#define NEXUS_SELECT_MAYBE                                                                                            \
  "SELECT tenant_id, env, item_id, title, body, tags, space, pinned, archived, source_type, source_ref, created_at, " \
  "created_by, updated_at, updated_by FROM maybes WHERE tenant_id = ?1 AND env = ?2 AND deleted_at IS NULL "
#define NEXUS_MAYBE_FILTER                                                                                 \
  "AND (?4 = '' OR item_id < ?4) AND archived = ?5 AND (NOT ?6 OR pinned) AND (?7 IS NULL OR space = ?7) " \
  "AND (?8 IS NULL OR EXISTS (SELECT 1 FROM json_each(maybes.tags) AS mine, json_each(?8) AS wanted "      \
  "WHERE mine.value = wanted.value)) AND (?9 IS NULL OR instr(folded, ?9) > 0) ORDER BY item_id DESC LIMIT ?10"

std::optional<Maybe> find_maybe(const Reader& reader, std::string_view tenant_id, std::string_view env,
                                std::string_view item_id) {
  return first(reader.query(NEXUS_SELECT_MAYBE "AND item_id = ?3", tenant_id, env, item_id), maybe_of);
}

std::vector<Maybe> list_maybes(const Reader& reader, std::string_view tenant_id, std::string_view env,
                               const MaybeFilter& filter, std::string_view before, int limit) {
  // Two statements, so that what one creator keeps is found by an index.
  constexpr std::string_view of_creator = NEXUS_SELECT_MAYBE "AND created_by = ?3 " NEXUS_MAYBE_FILTER;
  constexpr std::string_view of_all = NEXUS_SELECT_MAYBE "AND ?3 IS NULL " NEXUS_MAYBE_FILTER;
  const auto tags = filter.tags_any.empty() ? std::nullopt : std::optional(to_text(filter.tags_any));
  return all(reader.query(filter.created_by ? of_creator : of_all, tenant_id, env, filter.created_by, before,
                          filter.archived, filter.pinned_only, filter.space, tags, filter.folded, limit),
             maybe_of);
}

#undef NEXUS_SELECT_MAYBE
#undef NEXUS_MAYBE_FILTER

void insert_maybe(Tx& tx, const Maybe& maybe) {
  tx.run(
      "INSERT INTO maybes (tenant_id, env, item_id, created_by, pinned, archived, space, tags, folded, title, body, "
      "source_type, source_ref, created_at, updated_at, updated_by) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
      maybe.tenant_id, maybe.env, maybe.item_id, maybe.created_by, maybe.pinned, maybe.archived, maybe.space,
      to_text(maybe.tags), maybe.folded, maybe.title, maybe.body, maybe.source_type, maybe.source_ref, maybe.created_at,
      maybe.updated_at, maybe.updated_by);
}

void update_maybe(Tx& tx, const Maybe& maybe) {
  tx.run(
      "UPDATE maybes SET pinned = ?4, archived = ?5, space = ?6, tags = ?7, folded = ?8, title = ?9, body = ?10, "
      "source_type = ?11, source_ref = ?12, updated_at = ?13, updated_by = ?14 "
      "WHERE tenant_id = ?1 AND env = ?2 AND item_id = ?3",
      maybe.tenant_id, maybe.env, maybe.item_id, maybe.pinned, maybe.archived, maybe.space, to_text(maybe.tags),
      maybe.folded, maybe.title, maybe.body, maybe.source_type, maybe.source_ref, maybe.updated_at, maybe.updated_by);
}

void bury_maybe(Tx& tx, const Maybe& maybe, Micros at, std::string_view by) {
  tx.run(
      "UPDATE maybes SET title = '', body = '', folded = '', tags = '[]', space = NULL, source_type = '', source_ref = "
      "NULL, "
      "deleted_at = ?4, updated_at = ?4, updated_by = ?5 WHERE tenant_id = ?1 AND env = ?2 AND item_id = ?3",
      maybe.tenant_id, maybe.env, maybe.item_id, at, by);
}

}  // namespace nexus::store
