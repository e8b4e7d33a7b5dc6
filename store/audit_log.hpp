// The audit log as rows: heads and rows of each chain. daemon/audit defines their content and hashes.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/clock.hpp"
#include "daemon/base/ids.hpp"
#include "daemon/base/realm.hpp"
#include "store/model_rows.hpp"

namespace nexus::store {

struct AuditHead {
  std::int64_t seq = 0;  // 0: the chain is empty
  std::string hash;
  Micros at = 0;
};

struct AuditRow {
  std::string tenant_id;
  std::string env;
  std::int64_t seq = 0;
  Micros at = 0;
  std::string action;
  std::string actor;
  std::string result;
  std::string trace_id;
  std::string body;
  std::optional<std::string> details;
  std::string prev_hash;
  std::string hash;
  Realm realm() const { return {.tenant = tenant_id, .env = env}; }
};
inline constexpr model::Table kAuditRow{
    "AuditRow", "audit_rows",
    std::array{model::tenant(&AuditRow::tenant_id), model::env(&AuditRow::env),
               model::key(model::made("seq", &AuditRow::seq)), model::hidden("at", &AuditRow::at),
               model::hidden("action", &AuditRow::action), model::hidden("actor", &AuditRow::actor),
               model::hidden("result", &AuditRow::result), model::hidden("trace_id", &AuditRow::trace_id),
               model::made("body", &AuditRow::body), model::made("details", &AuditRow::details),
               model::made("prev_hash", &AuditRow::prev_hash), model::made("hash", &AuditRow::hash)}};

/// A head and its chain.
struct ChainHead {
  std::string tenant_id;
  std::string env;
  std::int64_t seq = 0;
  std::string hash;
};
/// Reads a row of the columns tenant_id, env, seq and hash.
ChainHead chain_head_of(const Query& query);
/// The heads of all chains, in order of tenant and env.
std::vector<ChainHead> list_audit_heads(const Reader& reader);

/// Returns nothing if the chain has no row yet.
std::optional<AuditHead> find_audit_head(const Reader& reader, Realm realm);
/// Appends the row and moves the head. The caller must have computed both in the same transaction.
void append_audit_row(Tx& tx, const AuditRow& row);
inline std::optional<AuditRow> find_audit_row(const Reader& reader, Realm realm, std::int64_t seq) {
  return find_row<kAuditRow>(reader, realm, seq);
}
/// Rows with a seq above `after`, oldest first.
std::vector<AuditRow> list_audit_rows_after(const Reader& reader, Realm realm, std::int64_t after, int limit);
/// The seq that the next row of this chain will have.
std::int64_t next_audit_seq(const Reader& reader, Realm realm);

}  // namespace nexus::store
