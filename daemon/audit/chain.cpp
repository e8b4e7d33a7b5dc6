#include "daemon/audit/chain.hpp"

#include <algorithm>

#include "daemon/base/bytes.hpp"
#include "daemon/base/crypto.hpp"
#include "daemon/base/uuid.hpp"
#include "store/audit_log.hpp"

namespace nexus::audit {
namespace {

/// 128 random bits: without them, erased details could be guessed from their digest.
std::string nonce() { return base64url(random_bytes(16)); }

std::string body_of(const Act& act, std::int64_t seq, Micros at, std::string_view details_sha256) {
  return canonical(
      make_object({{"v", 1},
                   {"tenant", act.tenant},
                   {"env", act.env},
                   {"seq", seq},
                   {"at", to_rfc3339(at)},
                   {"action", act.action},
                   {"surface", act.surface},
                   {"subject", make_object({{"type", act.subject_type}, {"id", or_null(act.subject_id)}})},
                   {"actor", make_object({{"type", act.actor_type}, {"id", act.actor_id}, {"token", act.actor_token}})},
                   {"request_id", act.request_id},
                   {"trace_id", act.trace_id},
                   {"run_id", or_null(act.run_id)},
                   {"result", act.pass ? "PASS" : "BLOCK"},
                   {"gates", act.gates},
                   {"details_sha256", details_sha256}}));
}

}  // namespace

Act own_act(Realm realm, std::string action, std::string subject_type, std::string subject_id) {
  Act act;
  act.tenant = realm.tenant;
  act.env = realm.env;
  act.action = std::move(action);
  act.surface = "identity";
  act.subject_type = std::move(subject_type);
  act.subject_id = std::move(subject_id);
  act.actor_type = "system";
  act.actor_id = "system";
  act.actor_token = "root";
  act.request_id = uuid_v4();
  act.trace_id = act.request_id;
  act.details = {{"by", "nexusd itself"}};
  return act;
}

Receipt append(store::Tx& tx, std::string_view instance_id, const Act& act, Micros now) {
  const auto head = store::find_audit_head(tx, act.realm());
  store::AuditRow row;
  row.tenant_id = act.tenant;
  row.env = act.env;
  row.seq = head ? head->seq + 1 : 1;
  row.at = head ? std::max(head->at, now) : now;
  row.action = act.action;
  row.actor = act.actor_id;
  row.result = act.pass ? "PASS" : "BLOCK";
  row.trace_id = act.trace_id;
  Json details = act.details;
  details["nonce"] = nonce();
  row.details = canonical(details);
  row.body = body_of(act, row.seq, row.at, sha256_hex(*row.details));
  row.prev_hash = head ? head->hash : genesis_hash(instance_id, act.realm());
  row.hash = row_hash(act.realm(), row.seq, row.prev_hash, row.body);
  store::append_audit_row(tx, row);
  return {row.seq, row.hash};
}

}  // namespace nexus::audit
