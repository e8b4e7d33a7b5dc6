// Activity events: what was done, told to people and to whoever learns from it. An event is written in the transaction
// of what it describes; personal data is masked before (daemon/audit/pii), and `train_ok` says whether models may learn
// from it: no personal data in it, and no opt-out of the user or, where the user said nothing, of the tenant.
// Content itself (messages, cards) is not an event and stays as its author sent it. Who may read events is
// daemon/control/events's.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/base/clock.hpp"
#include "daemon/base/json.hpp"
#include "daemon/guard/caller.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::audit {

/// What a feature tells about its act; who, where and in which request is added from the caller.
struct Activity {
  std::string event_type;
  std::string asset_type;
  std::string asset_id;
  Json input = Json::object();
  Json output = Json::object();
  Json metadata = Json::object();
  std::int64_t made = 1;                      // how many it tells of, where one act makes several
  std::string event_id = {};                  // drawn where it is empty
  std::optional<std::string> thread_id = {};  // of a chat message
  /// Text that the event is about and does not hold: personal data in it counts as the event's own.
  std::string content = {};
};

/// What became of an activity.
struct Written {
  std::int64_t seq = 0;  // in the sequence of the caller's tenant and env
  std::string event_id;
  Json pii_flags;  // array of texts
  bool train_ok = false;
};

/// Masks and appends the event. Throws store::Error: what cannot be told is not done.
Written write_event(store::Tx& tx, const Caller& caller, std::string_view surface, Activity activity, Micros now);
/// The same where only its seq matters.
std::int64_t append_event(store::Tx& tx, const Caller& caller, std::string_view surface, Activity activity, Micros now);

}  // namespace nexus::audit
