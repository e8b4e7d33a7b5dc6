// The audit chain: the content of a row, its exact bytes, and how each row seals the one before it. A row is appended
// in the transaction of the act it describes, only by the dispatcher and the daemon's own start-up. digest.hpp computes
// the digests.
#pragma once

#include "daemon/audit/digest.hpp"
#include "daemon/base/clock.hpp"
#include "daemon/base/ids.hpp"
#include "daemon/base/json.hpp"
#include "daemon/base/realm.hpp"
#include "store/query.hpp"

namespace nexus::audit {

/// One act to record. tenant and env name the chain.
struct Act {
  std::string tenant;
  std::string env;
  std::string action;
  std::string surface;
  std::string subject_type;
  std::optional<std::string> subject_id;
  std::string actor_type;
  std::string actor_id;
  std::string actor_token;
  std::string request_id;
  std::string trace_id;
  std::optional<std::string> run_id;
  bool pass = true;
  std::string gates = "[]";       // what each gate said: canonical JSON
  Json details = Json::object();  // without nonce: append draws it
  Realm realm() const { return {.tenant = tenant, .env = env}; }
};

/// An act of the daemon itself (first start, retention), by the system actor under a new request id.
Act own_act(Realm realm, std::string action, std::string subject_type, std::string subject_id);

/// What the client receives: the seq and hash of its row.
struct Receipt {
  std::int64_t seq = 0;
  std::string hash;
};

/// Appends the act to its chain. The row's time is `now`, but never earlier than the previous row's. Throws
/// store::Error, or JsonError when the act holds a value without canonical form.
Receipt append(store::Tx& tx, std::string_view instance_id, const Act& act, Micros now);

}  // namespace nexus::audit
