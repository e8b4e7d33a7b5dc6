#include "store/firearms.hpp"

#include <algorithm>

#include "store/model_rows.hpp"

namespace nexus::store {
namespace {

/// An unknown level of danger counts as the highest one.
Level level_of(std::string_view text) { return parse_level(text).value_or(Level::high); }

}  // namespace

std::optional<Level> parse_level(std::string_view text) {
  const auto* found = std::ranges::find(firearms::kLevels, text);
  if (found == std::end(firearms::kLevels)) return std::nullopt;
  return static_cast<Level>(found - std::begin(firearms::kLevels));
}

std::string_view to_string(Level level) { return firearms::kLevels[static_cast<std::size_t>(level)]; }

std::vector<Licence> list_held_licences(const Reader& reader, Realm realm, std::string_view subject_type,
                                        std::string_view subject_id) {
  // Names the index, because without statistics SQLite uses the primary key and scans every licence.
  static const std::string text =
      select_text("firearms_licences INDEXED BY firearms_licences_by_subject", firearms::kLicence.specs(), "") +
      "AND subject_type = ?3 AND subject_id = ?4 AND revoked_at IS NULL ORDER BY licence_id";
  return all(reader.query(text, realm, subject_type, subject_id), row_of<firearms::kLicence>);
}

std::optional<Level> find_declared_level(const Reader& reader, Realm realm, std::string_view action) {
  Query q = reader.query("SELECT level FROM dangerous_actions WHERE tenant_id = ?1 AND env = ?2 AND action = ?3", realm,
                         action);
  if (!q.next()) return std::nullopt;
  return level_of(q.text_view(0));
}

std::map<std::string, Level> list_declared_levels(const Reader& reader, Realm realm) {
  Query q = reader.query("SELECT action, level FROM dangerous_actions WHERE tenant_id = ?1 AND env = ?2", realm);
  std::map<std::string, Level> levels;
  while (q.next()) levels.emplace(q.text(0), level_of(q.text_view(1)));
  return levels;
}

void put_declared_level(Tx& tx, Realm realm, std::string_view action, Level level, Micros at, std::string_view by) {
  tx.run(
      "INSERT INTO dangerous_actions (tenant_id, env, action, level, updated_at, updated_by) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (tenant_id, env, action) DO UPDATE SET level = excluded.level, "
      "updated_at = excluded.updated_at, updated_by = excluded.updated_by",
      realm, action, to_string(level), at, by);
}

}  // namespace nexus::store
