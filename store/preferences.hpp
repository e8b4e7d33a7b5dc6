// What a tenant and env prefer, as rows: feature flags, training opt-outs, rate limits. What falls back to what, and
// who may change it, is the slices' of their names.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/base/clock.hpp"
#include "daemon/base/realm.hpp"
#include "daemon/feature_flags/flags.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::store {

// ---- feature flags --------------------------------------------------------------------------------------------------

/// Version 0 where none was ever set.
feature_flags::FeatureFlags find_feature_flags(const Reader& reader, Realm realm);

// ---- training -------------------------------------------------------------------------------------------------------

struct TrainingPreference {
  bool opt_out = false;
  Micros updated_at = 0;
  std::string updated_by;
};

/// What was said for a user and for the whole tenant; nothing where nobody said anything. A user's opt-out holds in all
/// envs of the tenant; all else is said of one.
struct TrainingPreferences {
  std::optional<TrainingPreference> user;
  std::optional<TrainingPreference> tenant;
  /// The user's word counts before the tenant's.
  bool effective() const { return user ? user->opt_out : tenant && tenant->opt_out; }
};

/// One keyed statement: it is asked for every event.
TrainingPreferences training_opt_out(const Reader& reader, Realm realm, std::string_view user_id);
/// `user_id` "" is the tenant's own. A user's opt-out takes the place of all he said before, in whatever env; an opt-in
/// takes back his opt-out, and stands for its env.
void put_training_preference(Tx& tx, Realm realm, std::string_view user_id, const TrainingPreference& preference);

// ---- rate limits ----------------------------------------------------------------------------------------------------

struct RateLimit {
  std::int64_t requests = 0;
  std::int64_t window_seconds = 0;
};
using RateLimits = std::map<std::string, RateLimit, std::less<>>;  // by action; "*" for those without their own

/// The limit that stands for `action`: its own, else that of "*", else nothing. One keyed statement: it is asked for
/// every request.
std::optional<RateLimit> find_rate_limit(const Reader& reader, Realm realm, std::string_view action);
RateLimits list_rate_limits(const Reader& reader, Realm realm);
void put_rate_limit(Tx& tx, Realm realm, std::string_view action, const RateLimit& limit, Micros now,
                    std::string_view user_id);
void delete_rate_limit(Tx& tx, Realm realm, std::string_view action);

}  // namespace nexus::store
