// Preferences of a tenant and env as rows: feature flags, training opt-outs, rate limits. The slices of these names
// decide fallbacks and permissions.
#pragma once
#include <map>

#include "daemon/base/clock.hpp"
#include "daemon/base/realm.hpp"
#include "daemon/feature_flags/flags.hpp"
#include "store/query.hpp"

namespace nexus::store {

// ---- feature flags --------------------------------------------------------------------------------------------------

/// Version 0 if none was ever set.
feature_flags::FeatureFlags find_feature_flags(const Reader& reader, Realm realm);

// ---- training -------------------------------------------------------------------------------------------------------

struct TrainingPreference {
  bool opt_out = false;
  Micros updated_at = 0;
  std::string updated_by;
};

/// The preferences of a user and of the whole tenant; empty if never set. A user's opt-out applies in all envs of the
/// tenant, every other preference in one.
struct TrainingPreferences {
  std::optional<TrainingPreference> user;
  std::optional<TrainingPreference> tenant;
  /// The user's preference counts before the tenant's.
  bool effective() const { return user ? user->opt_out : tenant && tenant->opt_out; }
};

/// One keyed statement, because every event needs it.
TrainingPreferences training_opt_out(const Reader& reader, Realm realm, std::string_view user_id);
/// `user_id` "" means the tenant. A user's opt-out replaces all the user's earlier preferences, in every env. An opt-in
/// removes the user's opt-out, and applies to its env.
void put_training_preference(Tx& tx, Realm realm, std::string_view user_id, const TrainingPreference& preference);

// ---- rate limits ----------------------------------------------------------------------------------------------------

struct RateLimit {
  std::int64_t requests = 0;
  std::int64_t window_seconds = 0;
};
using RateLimits = std::map<std::string, RateLimit, std::less<>>;  // by action; "*" for those without their own

/// The limit that applies to `action`: its own, else that of "*", else nothing. One keyed statement, because every
/// request needs it.
std::optional<RateLimit> find_rate_limit(const Reader& reader, Realm realm, std::string_view action);
RateLimits list_rate_limits(const Reader& reader, Realm realm);
void put_rate_limit(Tx& tx, Realm realm, std::string_view action, const RateLimit& limit, Micros now,
                    std::string_view user_id);
void delete_rate_limit(Tx& tx, Realm realm, std::string_view action);

}  // namespace nexus::store
