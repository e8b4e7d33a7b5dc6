// Activity events report what was done, to people and to models that learn from it. An event is written in the
// transaction of the act it describes. Personal data is masked before (daemon/audit/pii). What the request tells is
// masked when it is parsed (`prepared`), so that the writer scans only what a unit alone can know. `train_ok` says
// whether models may learn from the event: it has no personal data, and the user has not opted out. The tenant's
// setting counts if the user has none. Content itself (messages, cards) is not an event and stays as its author sent
// it. daemon/events decides who may read events.
#pragma once

#include "daemon/audit/pii.hpp"
#include "daemon/base/clock.hpp"
#include "daemon/base/json.hpp"
#include "daemon/guard/caller.hpp"
#include "store/query.hpp"

namespace nexus::audit {

/// What `prepared` made of the parts of an activity: their JSON, masked, and the scan so far.
struct PreparedParts {
  std::string input = "{}", output = "{}", metadata = "{}";
  PiiText content = {};
  PiiScan scan = {};
};

/// A feature's description of its act. The caller's user, tenant, env and request are added.
struct Activity {
  std::string event_type;
  std::string asset_type;
  std::string asset_id;
  Json input = Json::object();
  Json output = Json::object();
  Json metadata = Json::object();
  std::int64_t made = 1;                      // the number of results, where one act makes several
  std::string event_id = {};                  // generated if empty
  std::optional<std::string> thread_id = {};  // of a chat message
  /// Text that the event is about but does not contain. Personal data in it counts as the event's own.
  std::string content = {};
  Names input_names = Names::ours;  // who named the members of `input`; those of `metadata` are the client's
  PreparedParts parts = {};         // of `prepared`; each part that is set afterwards counts instead
};

/// Masks what the activity holds so far, on the thread of the caller. Input, output and metadata are discarded
/// values afterwards, and the content is empty; a unit may set those that it alone knows. Not for the writer's thread.
Activity prepared(Activity activity);

/// The written event.
struct Written {
  std::int64_t seq = 0;  // in the sequence of the caller's tenant and env
  std::string event_id;
  Json pii_flags;  // array of texts
  bool train_ok = false;
};

/// Masks and appends the event. Throws store::Error, which undoes the act too.
Written write_event(store::Tx& tx, const Caller& caller, std::string_view surface, Activity activity, Micros now);

}  // namespace nexus::audit
