#include "store/audit_log.hpp"

#include "store/sqlite/rows.hpp"

namespace nexus::store {
namespace {

AuditRow audit_row_of(const Query& q) {
  return {q.text(0), q.text(1), q.integer(2), q.integer(3),       q.text(4),  q.text(5),
          q.text(6), q.text(7), q.text(8),    q.optional_text(9), q.text(10), q.text(11)};
}

}  // namespace

std::optional<AuditHead> find_audit_head(const Reader& reader, Realm realm) {
  Query q = reader.query("SELECT seq, hash, at FROM audit_heads WHERE tenant_id = ?1 AND env = ?2", realm);
  if (!q.next()) return std::nullopt;
  return AuditHead{q.integer(0), q.text(1), q.integer(2)};
}

std::vector<ChainHead> list_audit_heads(const Reader& reader) {
  Query q = reader.query("SELECT tenant_id, env, seq, hash FROM audit_heads ORDER BY tenant_id, env");
  std::vector<ChainHead> heads;
  while (q.next()) heads.push_back({q.text(0), q.text(1), q.integer(2), q.text(3)});
  return heads;
}

void append_audit_row(Tx& tx, const AuditRow& row) {
  tx.touch(row.realm());
  tx.run(
      "INSERT INTO audit_rows (tenant_id, env, seq, at, action, actor, result, trace_id, body, details, prev_hash, "
      "hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
      row.tenant_id, row.env, row.seq, row.at, row.action, row.actor, row.result, row.trace_id, row.body, row.details,
      row.prev_hash, row.hash);
  tx.run(
      "INSERT INTO audit_heads (tenant_id, env, seq, hash, at) VALUES (?1, ?2, ?3, ?4, ?5) "
      "ON CONFLICT (tenant_id, env) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, at = excluded.at",
      row.tenant_id, row.env, row.seq, row.hash, row.at);
}

std::optional<AuditRow> find_audit_row(const Reader& reader, Realm realm, std::int64_t seq) {
  return first(
      reader.query("SELECT tenant_id, env, seq, at, action, actor, result, trace_id, body, details, prev_hash, hash "
                   "FROM audit_rows WHERE tenant_id = ?1 AND env = ?2 AND seq = ?3",
                   realm, seq),
      audit_row_of);
}

std::vector<AuditRow> list_audit_rows_after(const Reader& reader, Realm realm, std::int64_t after, int limit) {
  return all(
      reader.query("SELECT tenant_id, env, seq, at, action, actor, result, trace_id, body, details, prev_hash, hash "
                   "FROM audit_rows WHERE tenant_id = ?1 AND env = ?2 AND seq > ?3 ORDER BY seq LIMIT ?4",
                   realm, after, limit),
      audit_row_of);
}

std::int64_t next_audit_seq(const Reader& reader, Realm realm) {
  const auto head = find_audit_head(reader, realm);
  return head ? head->seq + 1 : 1;
}

}  // namespace nexus::store
