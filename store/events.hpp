// Events as rows: one dense sequence per tenant and env. What an event means, and who may read it, is decided above.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/base/clock.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::store {

struct Event {
  std::string tenant_id;
  std::string env;
  std::string event_id;
  std::string surface;
  std::optional<std::string> agent_id;
  std::string actor_id;
  std::string actor_type;
  std::string event_type;
  std::optional<std::string> asset_type;
  std::optional<std::string> asset_id;
  std::string input;      // JSON
  std::string output;     // JSON
  std::string metadata;   // JSON
  std::string pii_flags;  // JSON array
  bool train_ok = true;
  std::string trace_id;
  std::string request_id;
  std::optional<std::string> run_id;
  Micros created_at = 0;
};

/// Appends the event under the next seq of its tenant and env, and answers that seq.
std::int64_t append_event(Tx& tx, const Event& event);

}  // namespace nexus::store
