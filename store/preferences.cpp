#include "store/preferences.hpp"

#include "store/model_rows.hpp"

namespace nexus::store {
using feature_flags::FeatureFlags;
using feature_flags::kFeatureFlags;

FeatureFlags find_feature_flags(const Reader& reader, Realm realm) {
  return find_row<kFeatureFlags>(reader, realm)
      .value_or(FeatureFlags{.tenant_id = std::string(realm.tenant), .env = std::string(realm.env)});
}

TrainingPreferences training_opt_out(const Reader& reader, Realm realm, std::string_view user_id) {
  // Keyed arms: an IN list with a parameter in it makes SQLite build a table for every call.
  Query q = reader.query(
      "SELECT user_id, opt_out, updated_at, updated_by FROM training_preferences "
      "WHERE tenant_id = ?1 AND env = ?2 AND user_id = '' UNION ALL "
      "SELECT user_id, opt_out, updated_at, updated_by FROM training_preferences "
      "WHERE tenant_id = ?1 AND env = ?2 AND user_id = ?3 UNION ALL "
      "SELECT user_id, opt_out, updated_at, updated_by FROM training_preferences "
      "WHERE tenant_id = ?1 AND env = '' AND user_id = ?3",
      realm, user_id);
  TrainingPreferences out;
  while (q.next()) {
    auto& place = q.text_view(0).empty() ? out.tenant : out.user;
    place = TrainingPreference{.opt_out = q.boolean(1), .updated_at = q.integer(2), .updated_by = q.text(3)};
  }
  return out;
}

void put_training_preference(Tx& tx, Realm realm, std::string_view user_id, const TrainingPreference& preference) {
  const bool everywhere = preference.opt_out && !user_id.empty();
  if (!user_id.empty())
    tx.run("DELETE FROM training_preferences WHERE tenant_id = ?1 AND user_id = ?2 AND (env = '' OR ?3 = 1)",
           realm.tenant, user_id, everywhere);
  tx.run(
      "INSERT INTO training_preferences (tenant_id, env, user_id, opt_out, updated_at, updated_by) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (tenant_id, env, user_id) DO UPDATE SET opt_out = excluded.opt_out, "
      "updated_at = excluded.updated_at, updated_by = excluded.updated_by",
      realm.tenant, everywhere ? "" : realm.env, user_id, preference.opt_out, preference.updated_at,
      preference.updated_by);
}

std::optional<RateLimit> find_rate_limit(const Reader& reader, Realm realm, std::string_view action) {
  Query q = reader.query(
      "SELECT 0, requests, window_seconds FROM rate_limits WHERE tenant_id = ?1 AND env = ?2 AND action = '*' "
      "UNION ALL SELECT 1, requests, window_seconds FROM rate_limits WHERE tenant_id = ?1 AND env = ?2 AND action = ?3",
      realm, action);
  std::optional<RateLimit> own, all;
  while (q.next()) (q.boolean(0) ? own : all) = RateLimit{q.integer(1), q.integer(2)};
  return own ? own : all;
}

RateLimits list_rate_limits(const Reader& reader, Realm realm) {
  Query q =
      reader.query("SELECT action, requests, window_seconds FROM rate_limits WHERE tenant_id = ?1 AND env = ?2", realm);
  RateLimits out;
  while (q.next()) out.emplace(q.text(0), RateLimit{q.integer(1), q.integer(2)});
  return out;
}

void put_rate_limit(Tx& tx, Realm realm, std::string_view action, const RateLimit& limit, Micros now,
                    std::string_view user_id) {
  tx.run(
      "INSERT INTO rate_limits (tenant_id, env, action, requests, window_seconds, updated_at, updated_by) VALUES "
      "(?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (tenant_id, env, action) DO UPDATE SET requests = "
      "excluded.requests, window_seconds = excluded.window_seconds, updated_at = excluded.updated_at, updated_by = "
      "excluded.updated_by",
      realm, action, limit.requests, limit.window_seconds, now, user_id);
}

void delete_rate_limit(Tx& tx, Realm realm, std::string_view action) {
  tx.run("DELETE FROM rate_limits WHERE tenant_id = ?1 AND env = ?2 AND action = ?3", realm, action);
}

}  // namespace nexus::store
