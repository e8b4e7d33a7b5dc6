#include "store/firearms.hpp"

#include "store/sqlite/rows.hpp"

namespace nexus::store {
namespace {

#define NEXUS_LICENCE_COLUMNS                                                                                         \
  "licence_id, subject_type, subject_id, scope, level, expires_at, revoked_at, revoked_by, revoked_seq, created_at, " \
  "created_by"

/// A danger that no version of ours wrote counts as the greatest one.
Level level_of(std::string_view text) { return parse_level(text).value_or(Level::high); }

Licence licence_of(const Query& q) {
  return {.licence_id = q.text(0),
          .subject_type = q.text(1),
          .subject_id = q.text(2),
          .scope = q.optional_text(3),
          // A level that no version of ours wrote must open nothing.
          .level = parse_level(q.text_view(4)).value_or(Level::low),
          .expires_at = q.optional_integer(5),
          .revoked_at = q.optional_integer(6),
          .revoked_by = q.optional_text(7),
          .revoked_seq = q.optional_integer(8),
          .created_at = q.integer(9),
          .created_by = q.text(10)};
}

}  // namespace

std::optional<Level> parse_level(std::string_view text) {
  if (text == "low") return Level::low;
  if (text == "medium") return Level::medium;
  if (text == "high") return Level::high;
  return std::nullopt;
}

std::string_view to_string(Level level) {
  switch (level) {
    case Level::low:
      return "low";
    case Level::medium:
      return "medium";
    case Level::high:
      return "high";
  }
  return "";
}

std::optional<Licence> find_licence(const Reader& reader, std::string_view tenant_id, std::string_view env,
                                    std::string_view licence_id) {
  return first(reader.query("SELECT " NEXUS_LICENCE_COLUMNS " FROM firearms_licences "
                            "WHERE tenant_id = ?1 AND env = ?2 AND licence_id = ?3",
                            tenant_id, env, licence_id),
               licence_of);
}

std::vector<Licence> list_licences(const Reader& reader, std::string_view tenant_id, std::string_view env,
                                   std::string_view before, int limit) {
  return all(reader.query("SELECT " NEXUS_LICENCE_COLUMNS " FROM firearms_licences "
                          "WHERE tenant_id = ?1 AND env = ?2 AND (?3 = '' OR licence_id < ?3) "
                          "ORDER BY licence_id DESC LIMIT ?4",
                          tenant_id, env, before, limit),
             licence_of);
}

std::vector<Licence> list_held_licences(const Reader& reader, std::string_view tenant_id, std::string_view env,
                                        std::string_view subject_type, std::string_view subject_id) {
  // The index is named: without statistics SQLite takes the primary key, and walks every licence there is.
  return all(reader.query("SELECT " NEXUS_LICENCE_COLUMNS " FROM firearms_licences "
                          "INDEXED BY firearms_licences_by_subject "
                          "WHERE tenant_id = ?1 AND env = ?2 AND subject_type = ?3 AND subject_id = ?4 "
                          "AND revoked_at IS NULL ORDER BY licence_id",
                          tenant_id, env, subject_type, subject_id),
             licence_of);
}

#undef NEXUS_LICENCE_COLUMNS

void insert_licence(Tx& tx, std::string_view tenant_id, std::string_view env, const Licence& licence) {
  tx.run(
      "INSERT INTO firearms_licences (tenant_id, env, licence_id, subject_type, subject_id, scope, level, expires_at, "
      "created_at, created_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
      tenant_id, env, licence.licence_id, licence.subject_type, licence.subject_id, licence.scope,
      to_string(licence.level), licence.expires_at, licence.created_at, licence.created_by);
}

void revoke_licence(Tx& tx, std::string_view tenant_id, std::string_view env, const Licence& licence) {
  tx.run(
      "UPDATE firearms_licences SET revoked_at = ?4, revoked_by = ?5, revoked_seq = ?6 "
      "WHERE tenant_id = ?1 AND env = ?2 AND licence_id = ?3",
      tenant_id, env, licence.licence_id, licence.revoked_at, licence.revoked_by, licence.revoked_seq);
}

std::optional<Level> find_declared_level(const Reader& reader, std::string_view tenant_id, std::string_view env,
                                         std::string_view action) {
  Query q = reader.query("SELECT level FROM dangerous_actions WHERE tenant_id = ?1 AND env = ?2 AND action = ?3",
                         tenant_id, env, action);
  if (!q.next()) return std::nullopt;
  return level_of(q.text_view(0));
}

std::map<std::string, Level> list_declared_levels(const Reader& reader, std::string_view tenant_id,
                                                  std::string_view env) {
  Query q =
      reader.query("SELECT action, level FROM dangerous_actions WHERE tenant_id = ?1 AND env = ?2", tenant_id, env);
  std::map<std::string, Level> levels;
  while (q.next()) levels.emplace(q.text(0), level_of(q.text_view(1)));
  return levels;
}

void put_declared_level(Tx& tx, std::string_view tenant_id, std::string_view env, std::string_view action, Level level,
                        Micros at, std::string_view by) {
  tx.run(
      "INSERT INTO dangerous_actions (tenant_id, env, action, level, updated_at, updated_by) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (tenant_id, env, action) DO UPDATE SET level = excluded.level, "
      "updated_at = excluded.updated_at, updated_by = excluded.updated_by",
      tenant_id, env, action, to_string(level), at, by);
}

}  // namespace nexus::store
