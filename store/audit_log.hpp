// The audit log as rows: heads and rows of each chain. What a row says and how it is hashed is daemon/audit's.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/clock.hpp"
#include "daemon/base/ids.hpp"
#include "daemon/base/realm.hpp"
#include "store/sqlite/query.hpp"

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

/// A head together with the chain it is of.
struct ChainHead {
  std::string tenant_id;
  std::string env;
  std::int64_t seq = 0;
  std::string hash;
};
/// Of all chains, in order of tenant and env.
std::vector<ChainHead> list_audit_heads(const Reader& reader);

/// Nothing where the chain has no row yet.
std::optional<AuditHead> find_audit_head(const Reader& reader, Realm realm);
/// Appends the row and moves the head; the caller computed both under the same transaction.
void append_audit_row(Tx& tx, const AuditRow& row);
std::optional<AuditRow> find_audit_row(const Reader& reader, Realm realm, std::int64_t seq);
/// Oldest first, from behind `after`.
std::vector<AuditRow> list_audit_rows_after(const Reader& reader, Realm realm, std::int64_t after, int limit);
/// The seq that the next row of this chain will have.
std::int64_t next_audit_seq(const Reader& reader, Realm realm);

}  // namespace nexus::store
