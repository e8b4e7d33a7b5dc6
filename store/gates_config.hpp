// What the gates are configured with, as rows. What a gate decides from it is daemon/gates's.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/clock.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::store {

/// The kill-switch document of one tenant and env; version 0 is the default that was never set: nothing disabled.
struct KillSwitches {
  std::vector<std::string> disable_providers;  // lower case
  bool disable_autonomy = false;
  std::vector<std::string> disabled_actions;
  std::optional<std::string> reason;
  std::optional<Micros> expires_at;
  std::int64_t version = 0;
  Micros updated_at = 0;
  std::string updated_by;
};

/// The document as stored; whether it has expired is the reader's to judge.
std::optional<KillSwitches> find_kill_switches(const Reader& reader, std::string_view tenant_id, std::string_view env);
void put_kill_switches(Tx& tx, std::string_view tenant_id, std::string_view env, const KillSwitches& document);

}  // namespace nexus::store
