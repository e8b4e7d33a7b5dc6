// What a restore tells the operator, as lines and as JSON.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/clock.hpp"
#include "daemon/base/json.hpp"
#include "store/takeover.hpp"

namespace nexus::app {

/// What one chain of the living store has behind the last row that the backup shares.
struct ChainLoss {
  std::string tenant_id, env;
  std::int64_t rows = 0;
  std::map<std::string, std::int64_t> acts = {};  // by action, without refusals
};

struct RestoreTold {
  std::string backup_id;
  Micros made_at = 0;
  bool plan_only = false, as_it_was = false;
  bool from_living = false;
  bool lost_log = false;               // of the living store
  std::vector<ChainLoss> chains = {};  // those that lose rows
  std::map<std::string_view, std::int64_t> made_since = {};
  std::vector<store::Narrowed> taken_over = {};
  bool system_token = false;                    // another one than the backup's is in force
  std::vector<std::string> disabled = {};       // tenants, for want of a living store
  std::vector<std::string> without_owner = {};  // tenants
  std::vector<std::string> keys = {};           // files that were added or replaced
  std::string moved_to = {};                    // where the living store is now
};

/// The counts that are not 0: of one tenant, or of all.
Json taken_over_json(const RestoreTold& told, const std::optional<std::string>& tenant);
Json json_of(const RestoreTold& told);
std::vector<std::string> lines_of(const RestoreTold& told);

}  // namespace nexus::app
