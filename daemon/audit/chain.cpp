#include "daemon/audit/chain.hpp"

#include <algorithm>

#include "daemon/base/bytes.hpp"
#include "daemon/base/crypto.hpp"
#include "daemon/base/uuid.hpp"
#include "store/audit_log.hpp"

namespace nexus::audit {
namespace {

/// 128 random bits: without them, erased details could be guessed from their digest.
std::string nonce() {
  std::string drawn(16, '\0');
  draw_random(drawn.data(), drawn.size());
  return base64url(drawn);
}

/// In the order of canonical keys, as read_body reads it. Written as a text, because the writer makes one for each act.
std::string body_of(const Act& act, std::int64_t seq, Micros at, std::string_view details_sha256) {
  std::string body;
  body.reserve(1024);
  const auto add = [&body](std::string_view key, std::string_view text) {
    body.append(key);
    append_canonical(body, text);
  };
  const auto add_or_null = [&](std::string_view key, const std::optional<std::string>& text) {
    if (text) return add(key, *text);
    body.append(key).append("null");
  };
  add(R"({"action":)", act.action);
  add(R"(,"actor":{"id":)", act.actor_id);
  add(R"(,"token":)", act.actor_token);
  add(R"(,"type":)", act.actor_type);
  add(R"(},"at":)", to_rfc3339(at));
  add(R"(,"details_sha256":)", details_sha256);
  add(R"(,"env":)", act.env);
  body.append(R"(,"gates":)").append(act.gates);
  add(R"(,"request_id":)", act.request_id);
  add(R"(,"result":)", act.pass ? "PASS" : "BLOCK");
  add_or_null(R"(,"run_id":)", act.run_id);
  body.append(R"(,"seq":)").append(std::to_string(seq));
  add_or_null(R"(,"subject":{"id":)", act.subject_id);
  add(R"(,"type":)", act.subject_type);
  add(R"(},"surface":)", act.surface);
  add(R"(,"tenant":)", act.tenant);
  add(R"(,"trace_id":)", act.trace_id);
  return body.append(R"(,"v":1})");
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
