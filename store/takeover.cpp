#include "store/takeover.hpp"

#include <algorithm>

#include "store/audit_log.hpp"
#include "store/gates.hpp"
#include "store/rows.hpp"

namespace nexus::store {
namespace {

struct Rule {
  std::string_view what;
  std::string_view sql;  // returns the tenant of each row that it changed, or NULL; each names ?1, the time
};

// A living table X stands beside the restored one as living_X. Roles and levels are compared by their places in a text
// that names them in order.
constexpr Rule kRules[] = {
    {"tenants_stopped",
     "UPDATE tenants SET status = (SELECT l.status FROM living_tenants AS l WHERE l.tenant_id = tenants.tenant_id) "
     "WHERE ?1 > 0 AND EXISTS (SELECT 1 FROM living_tenants AS l WHERE l.tenant_id = tenants.tenant_id "
     "AND instr('active suspended disabled', l.status) > instr('active suspended disabled', tenants.status)) "
     "RETURNING tenant_id"},
    {"members_removed",
     "DELETE FROM memberships WHERE ?1 > 0 AND NOT EXISTS (SELECT 1 FROM living_memberships AS l "
     "WHERE l.tenant_id = memberships.tenant_id AND l.user_id = memberships.user_id) RETURNING tenant_id"},
    {"roles_lowered",
     "UPDATE memberships SET role = (SELECT l.role FROM living_memberships AS l "
     "WHERE l.tenant_id = memberships.tenant_id AND l.user_id = memberships.user_id) "
     "WHERE ?1 > 0 AND EXISTS (SELECT 1 FROM living_memberships AS l WHERE l.tenant_id = memberships.tenant_id "
     "AND l.user_id = memberships.user_id AND instr('viewer member admin owner', l.role) < "
     "instr('viewer member admin owner', memberships.role)) RETURNING tenant_id"},
    {"invitations_withdrawn",
     "DELETE FROM invitations WHERE ?1 > 0 AND NOT EXISTS (SELECT 1 FROM living_invitations AS l "
     "WHERE l.tenant_id = invitations.tenant_id AND l.user_id = invitations.user_id "
     "AND instr('viewer member admin owner', l.role) >= instr('viewer member admin owner', invitations.role)) "
     "RETURNING tenant_id"},
    {"tokens_revoked",
     "UPDATE tokens SET revoked_at = (SELECT l.revoked_at FROM living_tokens AS l WHERE l.token_id = tokens.token_id) "
     "WHERE ?1 > 0 AND revoked_at IS NULL AND EXISTS (SELECT 1 FROM living_tokens AS l "
     "WHERE l.token_id = tokens.token_id AND l.revoked_at IS NOT NULL) RETURNING NULL"},
    {"foreign_tokens_denied",
     "INSERT INTO denied_tokens (token_id, denied_at, until) SELECT token_id, denied_at, until "
     "FROM living_denied_tokens WHERE ?1 > 0 ON CONFLICT (token_id) DO UPDATE SET until = excluded.until "
     "WHERE excluded.until > denied_tokens.until RETURNING NULL"},
    {"licences_revoked",
     "UPDATE firearms_licences SET "
     "revoked_at = coalesce((SELECT l.revoked_at FROM living_firearms_licences AS l "
     "WHERE l.tenant_id = firearms_licences.tenant_id AND l.env = firearms_licences.env "
     "AND l.licence_id = firearms_licences.licence_id), ?1), "
     "revoked_by = coalesce((SELECT l.revoked_by FROM living_firearms_licences AS l "
     "WHERE l.tenant_id = firearms_licences.tenant_id AND l.env = firearms_licences.env "
     "AND l.licence_id = firearms_licences.licence_id), 'system') "
     "WHERE revoked_at IS NULL AND NOT EXISTS (SELECT 1 FROM living_firearms_licences AS l "
     "WHERE l.tenant_id = firearms_licences.tenant_id AND l.env = firearms_licences.env "
     "AND l.licence_id = firearms_licences.licence_id AND l.revoked_at IS NULL) RETURNING tenant_id"},
    {"actions_declared_dangerous",
     "INSERT INTO dangerous_actions (tenant_id, env, action, level, updated_at, updated_by) "
     "SELECT tenant_id, env, action, level, updated_at, updated_by FROM living_dangerous_actions AS l "
     "WHERE ?1 > 0 AND EXISTS (SELECT 1 FROM tenants AS t WHERE t.tenant_id = l.tenant_id) "
     "ON CONFLICT (tenant_id, env, action) DO UPDATE SET level = excluded.level, updated_at = excluded.updated_at, "
     "updated_by = excluded.updated_by WHERE instr('low medium high', excluded.level) > "
     "instr('low medium high', dangerous_actions.level) RETURNING tenant_id"},
    {"training_opt_outs",
     "INSERT INTO training_preferences (tenant_id, env, user_id, opt_out, updated_at, updated_by) "
     "SELECT tenant_id, env, user_id, 1, updated_at, updated_by FROM living_training_preferences AS l "
     "WHERE ?1 > 0 AND l.opt_out = 1 AND EXISTS (SELECT 1 FROM tenants AS t WHERE t.tenant_id = l.tenant_id) "
     "ON CONFLICT (tenant_id, env, user_id) DO UPDATE SET opt_out = 1, updated_at = excluded.updated_at, "
     "updated_by = excluded.updated_by WHERE training_preferences.opt_out = 0 RETURNING tenant_id"},
    {"flags_switched_off",
     "INSERT INTO feature_flags (tenant_id, env, ws_enabled, sse_enabled, gesture_logging, version, updated_at, "
     "updated_by) SELECT tenant_id, env, CASE WHEN ws_enabled = 0 THEN 0 END, CASE WHEN sse_enabled = 0 THEN 0 END, "
     "CASE WHEN gesture_logging = 0 THEN 0 END, version, updated_at, updated_by FROM living_feature_flags AS l "
     "WHERE ?1 > 0 AND 0 IN (ws_enabled, sse_enabled, gesture_logging) "
     "AND EXISTS (SELECT 1 FROM tenants AS t WHERE t.tenant_id = l.tenant_id) "
     "ON CONFLICT (tenant_id, env) DO UPDATE SET "
     "ws_enabled = coalesce(excluded.ws_enabled, feature_flags.ws_enabled), "
     "sse_enabled = coalesce(excluded.sse_enabled, feature_flags.sse_enabled), "
     "gesture_logging = coalesce(excluded.gesture_logging, feature_flags.gesture_logging), "
     "version = 1 + CASE WHEN excluded.version > feature_flags.version THEN excluded.version "
     "ELSE feature_flags.version END, updated_at = excluded.updated_at, updated_by = excluded.updated_by "
     "WHERE (excluded.ws_enabled = 0 AND coalesce(feature_flags.ws_enabled, 1) = 1) "
     "OR (excluded.sse_enabled = 0 AND coalesce(feature_flags.sse_enabled, 1) = 1) "
     "OR (excluded.gesture_logging = 0 AND coalesce(feature_flags.gesture_logging, 1) = 1) RETURNING tenant_id"},
};

constexpr std::string_view kTables[] = {
    "tenants",           "users",         "memberships",       "invitations",         "tokens", "denied_tokens",
    "firearms_licences", "feature_flags", "dangerous_actions", "training_preferences"};

struct Made {
  std::string_view kind, sql;
};
constexpr Made kMade[] = {
    {"tenants",
     "SELECT count(*) FROM living_tenants AS l WHERE NOT EXISTS (SELECT 1 FROM tenants AS t "
     "WHERE t.tenant_id = l.tenant_id)"},
    {"users",
     "SELECT count(*) FROM living_users AS l WHERE NOT EXISTS (SELECT 1 FROM users AS t WHERE t.user_id = l.user_id)"},
    {"members",
     "SELECT count(*) FROM living_memberships AS l WHERE NOT EXISTS (SELECT 1 FROM memberships AS t "
     "WHERE t.tenant_id = l.tenant_id AND t.user_id = l.user_id)"},
    {"tokens",
     "SELECT count(*) FROM living_tokens AS l WHERE NOT EXISTS (SELECT 1 FROM tokens AS t "
     "WHERE t.token_id = l.token_id)"},
};

struct Columns {
  std::string names, values, key;  // each with commas; a value is that of a JSON array, ?1
};

Columns columns_of(const Reader& reader, std::string_view table) {
  Columns columns;
  Query q = reader.query("SELECT name, pk FROM pragma_table_info(?1) ORDER BY cid", table);
  for (int i = 0; q.next(); ++i) {
    const char* comma = i == 0 ? "" : ", ";
    columns.names += comma + q.text(0);
    columns.values += comma + ("json_extract(?1, '$[" + std::to_string(i) + "]')");
    if (q.boolean(1)) columns.key += (columns.key.empty() ? "" : ", ") + q.text(0);
  }
  return columns;
}

void copy_table(Tx& restored, const Reader& living, const std::string& table) {
  const Columns columns = columns_of(living, table);
  restored.run("CREATE TEMP TABLE living_" + table + " (" + columns.names + ", PRIMARY KEY (" + columns.key + "))");
  const std::string put = "INSERT INTO living_" + table + " (" + columns.names + ") VALUES (" + columns.values + ")";
  Query q = living.query("SELECT json_array(" + columns.names + ") FROM " + table);
  while (q.next()) restored.run(put, q.text_view(0));
}

Narrowed apply(Tx& restored, const Rule& rule, Micros now) {
  Narrowed done{.what = rule.what};
  Query q = restored.query(rule.sql, now);
  for (; q.next(); ++done.rows)
    if (!q.is_null(0)) ++done.tenants[q.text(0)];
  return done;
}

/// When an entry ends, whether by itself or with its document; nothing: never.
std::optional<Micros> end_of(const SwitchEntry& entry, const KillSwitches& document) {
  return entry.ends_with_document ? document.expires_at : entry.expires_at;
}

/// Adds the living entry, or lets the one that is there end as late. An entry of another document ends on its own.
bool add_entry(KillSwitches& document, const SwitchEntry& entry, const KillSwitches& living) {
  SwitchEntry added = entry;
  added.expires_at = end_of(entry, living);
  added.ends_with_document = false;
  if (!added.reason) added.reason = living.reason;
  const auto same = std::ranges::find_if(document.entries, [&](const auto& e) { return e.is(entry.kind, entry.name); });
  if (same == document.entries.end()) {
    document.entries.push_back(std::move(added));
    return true;
  }
  const auto end = end_of(*same, document);
  if (!end || (added.expires_at && *added.expires_at <= *end)) return false;
  *same = std::move(added);
  return true;
}

/// A document's version rises above both, so that nobody who read either of them can overwrite it unseen.
Narrowed unite_kill_switches(Tx& restored, const Reader& living, Micros now) {
  Narrowed done{.what = "kill_switch_entries"};
  const auto places = all(living.query("SELECT tenant_id, env FROM kill_switches"), place_of);
  for (const Place& place : places) {
    if (!restored.query("SELECT 1 FROM tenants WHERE tenant_id = ?1", place.tenant_id).next()) continue;
    const auto theirs = find_kill_switches(living, place.realm()).value();
    KillSwitches ours = find_kill_switches(restored, place.realm()).value_or(KillSwitches{});
    std::int64_t added = 0;
    for (const SwitchEntry& entry : theirs.entries)
      if (const auto end = end_of(entry, theirs); !end || *end > now) added += add_entry(ours, entry, theirs) ? 1 : 0;
    if (added == 0) continue;
    ours.version = std::max(ours.version, theirs.version) + 1;
    ours.updated_at = now;
    ours.updated_by = "system";
    put_kill_switches(restored, place.realm(), ours);
    done.rows += added;
    done.tenants[place.tenant_id] += added;
  }
  return done;
}

std::string hash_at(const Reader& reader, Realm realm, std::int64_t seq) {
  const auto row = find_audit_row(reader, realm, seq);
  return row ? row->hash : "";
}

}  // namespace

void copy_living_rows(Tx& restored, const Reader& living) {
  for (const auto table : kTables) copy_table(restored, living, std::string(table));
}

std::vector<Narrowed> take_over(Tx& restored, const Reader& living, Micros now) {
  std::vector<Narrowed> done;
  for (const Rule& rule : kRules) done.push_back(apply(restored, rule, now));
  // A person's opt-out holds in all envs and stands alone (put_training_preference).
  restored.run(
      "DELETE FROM training_preferences WHERE user_id <> '' AND env <> '' AND EXISTS (SELECT 1 "
      "FROM training_preferences AS p WHERE p.tenant_id = training_preferences.tenant_id AND p.env = '' "
      "AND p.user_id = training_preferences.user_id)");
  done.push_back(unite_kill_switches(restored, living, now));
  return done;
}

std::map<std::string_view, std::int64_t> count_made_since(const Reader& restored) {
  std::map<std::string_view, std::int64_t> counts;
  for (const Made& made : kMade) counts[made.kind] = integer_of(restored.query(made.sql));
  return counts;
}

std::int64_t count_assets_registered(const Reader& living, Micros at) {
  return integer_of(
      living.query("SELECT count(*) FROM raw_assets WHERE status = 'registered' AND registered_at > ?1 "
                   "AND deleted_at IS NULL",
                   at));
}

std::map<std::string, std::string> disable_tenants(Tx& restored) {
  std::map<std::string, std::string> before;
  {
    Query q =
        restored.query("SELECT tenant_id, status FROM tenants WHERE status <> 'disabled' AND tenant_id <> 't_system'");
    while (q.next()) before[q.text(0)] = q.text(1);
  }
  restored.run("UPDATE tenants SET status = 'disabled' WHERE tenant_id <> 't_system'");
  return before;
}

std::vector<std::string> list_tenants_without_owner(const Reader& reader) {
  return all(reader.query("SELECT tenant_id FROM memberships GROUP BY tenant_id "
                          "HAVING sum(CASE role WHEN 'owner' THEN 1 ELSE 0 END) = 0 ORDER BY tenant_id"),
             only_text);
}

std::int64_t find_common_seq(const Reader& one, const Reader& other, Realm realm) {
  const auto first_head = find_audit_head(one, realm), second_head = find_audit_head(other, realm);
  std::int64_t same = 0, differs = std::min(first_head ? first_head->seq : 0, second_head ? second_head->seq : 0) + 1;
  // A hash seals all rows before it: chains that differ at one row differ from there on. The last shared one first.
  for (std::int64_t at = differs - 1; differs - same > 1; at = same + (differs - same) / 2) {
    const std::string hash = hash_at(one, realm, at);
    (!hash.empty() && hash == hash_at(other, realm, at) ? same : differs) = at;
  }
  return same;
}

std::map<std::string, std::int64_t> count_acts_after(const Reader& reader, Realm realm, std::int64_t after) {
  std::map<std::string, std::int64_t> counts;
  Query q = reader.query(
      "SELECT action, count(*) FROM audit_rows WHERE tenant_id = ?1 AND env = ?2 AND seq > ?3 AND result = 'PASS' "
      "GROUP BY action",
      realm, after);
  while (q.next()) counts.emplace(q.text(0), q.integer(1));
  return counts;
}

}  // namespace nexus::store
