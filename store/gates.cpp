#include "store/gates.hpp"

#include <algorithm>

#include "daemon/base/crypto.hpp"
#include "daemon/base/text.hpp"
#include "store/model_rows.hpp"

namespace nexus::store {

namespace {

using SwitchKind = SwitchEntry::Kind;

constexpr std::string_view kKinds[] = {"action", "provider", "autonomy", "user"};  // in the order of SwitchKind

/// The value of an enumeration with these names, which are in its order.
template <class Enum>
std::optional<Enum> parse_name(std::span<const std::string_view> names, std::string_view text) {
  const auto found = std::ranges::find(names, text);
  return found == names.end() ? std::nullopt : std::optional(static_cast<Enum>(found - names.begin()));
}

/// A name stored by an older daemon applies in its normal form. A name without one is kept unchanged, and can be
/// lifted.
std::string compared(SwitchKind kind, std::string name) {
  if (kind == SwitchKind::provider)
    if (auto normal = normal_name(name, NameForm::any_case)) return std::move(*normal);
  return name;
}

std::vector<SwitchEntry> entries_of(const Reader& reader, Realm realm) {
  return all(reader.query("SELECT kind, name, reason, ends_with_document, expires_at, set_by, since "
                          "FROM kill_switch_entries WHERE tenant_id = ?1 AND env = ?2 ORDER BY kind, name",
                          realm),
             [](const Query& q) {
               const SwitchKind kind = parse_switch_kind(q.text_view(0)).value();
               return SwitchEntry{kind,         compared(kind, q.text(1)), q.optional_text(2),
                                  q.boolean(3), q.optional_integer(4),     q.text(5),
                                  q.integer(6)};
             });
}

/// An unknown level of danger counts as the highest one.
Level level_of(std::string_view text) { return parse_level(text).value_or(Level::high); }

/// Whether a stored JSON list of names holds this one. A name needs no escape, so that the text need not be parsed;
/// what does need one is in no list.
bool holds_name(std::string_view list, std::string_view name) {
  if (name.find_first_of("\"\\") != std::string_view::npos) return false;
  const std::string quoted = '"' + std::string(name) + '"';
  return list.find(quoted) != std::string_view::npos;
}

}  // namespace

std::string_view to_string(SwitchKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

std::optional<SwitchKind> parse_switch_kind(std::string_view text) { return parse_name<SwitchKind>(kKinds, text); }

std::optional<KillSwitches> find_kill_switches(const Reader& reader, Realm realm) {
  Query q = reader.query(
      "SELECT reason, expires_at, version, updated_at, updated_by FROM kill_switches WHERE tenant_id = ?1 AND env = ?2",
      realm);
  if (!q.next()) return std::nullopt;
  return KillSwitches{.entries = entries_of(reader, realm),
                      .reason = q.optional_text(0),
                      .expires_at = q.optional_integer(1),
                      .version = q.integer(2),
                      .updated_at = q.integer(3),
                      .updated_by = q.text(4)};
}

void put_kill_switches(Tx& tx, Realm realm, const KillSwitches& document) {
  tx.run(
      "INSERT INTO kill_switches (tenant_id, env, reason, expires_at, version, updated_at, updated_by) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (tenant_id, env) DO UPDATE SET reason = excluded.reason, "
      "expires_at = excluded.expires_at, version = excluded.version, updated_at = excluded.updated_at, "
      "updated_by = excluded.updated_by",
      realm, document.reason, document.expires_at, document.version, document.updated_at, document.updated_by);
  tx.run("DELETE FROM kill_switch_entries WHERE tenant_id = ?1 AND env = ?2", realm);
  for (const SwitchEntry& entry : document.entries)
    tx.run(
        "INSERT INTO kill_switch_entries (tenant_id, env, kind, name, reason, ends_with_document, expires_at, set_by, "
        "since) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING",
        realm, to_string(entry.kind), entry.name, entry.reason, entry.ends_with_document, entry.expires_at,
        entry.set_by, entry.since);
}

std::optional<Level> parse_level(std::string_view text) { return parse_name<Level>(firearms::kLevels, text); }

std::string_view to_string(Level level) { return firearms::kLevels[static_cast<std::size_t>(level)]; }

std::vector<firearms::Licence> list_held_licences(const Reader& reader, Realm realm, std::string_view subject_type,
                                                  std::string_view subject_id) {
  // Names the index, because without statistics SQLite uses the primary key and scans every licence.
  static const std::string text =
      select_text("firearms_licences INDEXED BY firearms_licences_by_subject", firearms::kLicence.specs(), "") +
      "AND subject_type = ?3 AND subject_id = ?4 AND revoked_at IS NULL ORDER BY licence_id";
  return all(reader.query(text, realm, subject_type, subject_id), row_of<firearms::kLicence>);
}

std::optional<Level> find_declared_level(const Reader& reader, Realm realm, std::string_view action) {
  return first(reader.query("SELECT level FROM dangerous_actions WHERE tenant_id = ?1 AND env = ?2 AND action = ?3",
                            realm, action),
               [](const Query& q) { return level_of(q.text_view(0)); });
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

std::vector<ApprovedLock> list_approved_locks(const Reader& reader, Realm realm, std::string_view action, Micros now) {
  // Matches the index and names it, because without statistics SQLite uses the primary key and scans every lock that
  // this tenant and env ever had.
  Query q = reader.query(
      "SELECT allowed_actions, lock_id, coalesce(surface, ''), three_wise_id, valid_from, valid_until "
      "FROM strategy_locks INDEXED BY strategy_locks_in_force "
      "WHERE tenant_id = ?1 AND env = ?2 AND status = 'approved' "
      "AND coalesce(valid_until, 9223372036854775807) > ?3 ORDER BY three_wise_id IS NOT NULL, lock_id",
      realm, now);
  std::vector<ApprovedLock> locks;
  while (q.next()) {
    const std::string_view actions = q.text_view(0);
    const bool by_name = holds_name(actions, action);
    if (!by_name && !holds_name(actions, "*")) continue;
    locks.push_back(
        {{q.text(2), q.optional_integer(4), q.optional_integer(5)}, q.text(1), q.optional_text(3), by_name});
  }
  return locks;
}

std::vector<LockSpan> list_lock_spans(const Reader& reader, Realm realm, Micros now) {
  return all(reader.query("SELECT DISTINCT coalesce(surface, ''), valid_from, valid_until FROM strategy_locks "
                          "INDEXED BY strategy_locks_in_force WHERE tenant_id = ?1 AND env = ?2 "
                          "AND status = 'approved' AND coalesce(valid_until, 9223372036854775807) > ?3",
                          realm, now),
             [](const Query& q) {
               return LockSpan{q.text(0), q.optional_integer(1), q.optional_integer(2)};
             });
}

int count_other_approved_locks(const Reader& reader, Realm realm, std::string_view lock_id, Micros now) {
  return static_cast<int>(
      integer_of(reader.query("SELECT count(*) FROM strategy_locks INDEXED BY strategy_locks_in_force "
                              "WHERE tenant_id = ?1 AND env = ?2 AND status = 'approved' "
                              "AND coalesce(valid_until, 9223372036854775807) > ?3 AND lock_id <> ?4",
                              realm, now, lock_id)));
}

std::vector<three_wise::Opinion> list_opinions(const Reader& reader, Realm realm, std::string_view question_id) {
  static const std::string text =
      select_rows<three_wise::kOpinion>() + "AND question_id = ?3 ORDER BY created_at, user_id";
  return all(reader.query(text, realm, question_id), row_of<three_wise::kOpinion>);
}

Votes count_votes(const Reader& reader, Realm realm, std::string_view question_id) {
  Query q = reader.query(
      "SELECT count(*) FILTER (WHERE verdict = 'APPROVE'), "
      "count(*) FILTER (WHERE verdict = 'REJECT'), count(*) FILTER (WHERE verdict = 'UNSURE') "
      "FROM three_wise_opinions WHERE tenant_id = ?1 AND env = ?2 AND question_id = ?3",
      realm, question_id);
  q.next();
  return {q.integer(0), q.integer(1), q.integer(2)};
}

std::vector<TemperatureBound> list_bounds(const Reader& reader, Realm realm, std::string_view surface) {
  return all(reader.query(
                 "SELECT b.kind, b.metric, b.value, d.aggregate FROM temperature_bounds b LEFT JOIN kpi_definitions d "
                 "ON d.tenant_id = b.tenant_id AND d.env = b.env AND d.name = b.metric "
                 "WHERE b.tenant_id = ?1 AND b.env = ?2 AND b.surface = ?3 ORDER BY b.kind, b.metric",
                 realm, surface),
             [](const Query& q) {
               return TemperatureBound{q.text(0), q.text(1), q.real(2), q.optional_text(3)};
             });
}

void replace_bounds(Tx& tx, Realm realm, std::string_view surface, std::string_view kind,
                    const std::map<std::string, double>& values) {
  tx.run("DELETE FROM temperature_bounds WHERE tenant_id = ?1 AND env = ?2 AND surface = ?3 AND kind = ?4", realm,
         surface, kind);
  for (const auto& [metric, value] : values)
    tx.run(
        "INSERT INTO temperature_bounds (tenant_id, env, surface, kind, metric, value) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        realm, surface, kind, metric, value);
}

GateMarks find_gate_marks(const Reader& reader, Realm realm) {
  Query q = reader.query("SELECT kind = 'measures', mark FROM gate_marks WHERE tenant_id = ?1 AND env = ?2", realm);
  GateMarks marks;
  while (q.next()) (q.boolean(0) ? marks.measures : marks.configuration) = q.integer(1);
  return marks;
}

void mark_measures(Tx& tx, Realm realm) {
  std::int64_t mark = 0;
  draw_random(&mark, sizeof mark);
  tx.run(
      "INSERT INTO gate_marks (tenant_id, env, kind, mark) VALUES (?1, ?2, 'measures', ?3) "
      "ON CONFLICT (tenant_id, env, kind) DO UPDATE SET mark = excluded.mark",
      realm, mark);
}

}  // namespace nexus::store
