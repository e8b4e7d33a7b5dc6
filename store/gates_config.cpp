#include "store/gates_config.hpp"

#include <array>

#include "daemon/base/text.hpp"
#include "store/identity.hpp"

namespace nexus::store {
namespace {

using SwitchKind = SwitchEntry::Kind;

constexpr std::array<std::pair<SwitchKind, std::string_view>, 4> kKinds = {{{SwitchKind::action, "action"},
                                                                            {SwitchKind::provider, "provider"},
                                                                            {SwitchKind::autonomy, "autonomy"},
                                                                            {SwitchKind::user, "user"}}};
constexpr std::string_view kCleared = "kill_switches_cleared";

/// A name stored by an older daemon applies in its normal form. A name without one is kept unchanged, and can be
/// lifted.
std::string compared(SwitchKind kind, std::string name) {
  if (kind == SwitchKind::provider)
    if (auto normal = normal_name(name, NameForm::any_case)) return std::move(*normal);
  return name;
}

std::vector<SwitchEntry> entries_of(const Reader& reader, Realm realm) {
  Query q = reader.query(
      "SELECT kind, name, reason, ends_with_document, expires_at, set_by, since FROM kill_switch_entries "
      "WHERE tenant_id = ?1 AND env = ?2 ORDER BY kind, name",
      realm);
  std::vector<SwitchEntry> entries;
  while (q.next()) {
    const SwitchKind kind = parse_switch_kind(q.text_view(0)).value();
    entries.push_back({.kind = kind,
                       .name = compared(kind, q.text(1)),
                       .reason = q.optional_text(2),
                       .ends_with_document = q.boolean(3),
                       .expires_at = q.optional_integer(4),
                       .set_by = q.text(5),
                       .since = q.integer(6)});
  }
  return entries;
}

}  // namespace

std::string_view to_string(SwitchKind kind) {
  for (const auto& [known, text] : kKinds)
    if (known == kind) return text;
  return "";
}

std::optional<SwitchKind> parse_switch_kind(std::string_view text) {
  for (const auto& [known, name] : kKinds)
    if (name == text) return known;
  return std::nullopt;
}

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

std::optional<std::string> find_cleared_switches(const Reader& reader) { return find_meta(reader, kCleared); }

void forget_cleared_switches(Tx& tx) { tx.run("DELETE FROM meta WHERE key = ?1", kCleared); }

}  // namespace nexus::store
