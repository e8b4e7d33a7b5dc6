// The audit chain: what one row says, its exact bytes, and how each row seals the one before it. A row is appended in
// the transaction of the act it describes; nobody but the dispatcher and the daemon's own start-up does so.
//
//   genesis   = SHA256("nexus.audit.genesis.v1\n" instance_id "\n" tenant "\n" env "\n")
//   hash(seq) = SHA256("nexus.audit.v1\n" tenant "\n" env "\n" seq "\n" prev_hash "\n" SHA256(body) "\n")
//   prev_hash = hash(seq-1), genesis for seq 1;  all digests in lower-case hex
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/base/clock.hpp"
#include "daemon/base/ids.hpp"
#include "daemon/base/json.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::audit {

/// One act, in words. tenant and env name the chain.
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
  Json gates = Json::array();
  Json details = Json::object();  // without nonce: append draws it
};

/// An act of the daemon itself (first start, retention): by the system actor, under a request id of its own.
Act own_act(std::string tenant, std::string env, std::string action, std::string subject_type, std::string subject_id);

/// What the client gets in hand: its row's place and seal.
struct Receipt {
  std::int64_t seq = 0;
  std::string hash;
};

std::string genesis_hash(std::string_view instance_id, std::string_view tenant, std::string_view env);
std::string row_hash(std::string_view tenant, std::string_view env, std::int64_t seq, std::string_view prev_hash,
                     std::string_view body);

/// Appends the act to its chain. The row's time is `now`, but never before the row before it. Throws store::Error;
/// JsonError when the act holds what has no canonical form.
Receipt append(store::Tx& tx, std::string_view instance_id, const Act& act, Micros now);

}  // namespace nexus::audit
