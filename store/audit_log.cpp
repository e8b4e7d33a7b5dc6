#include "store/audit_log.hpp"

namespace nexus::store {
std::optional<AuditHead> find_audit_head(const Reader& reader, Realm realm) {
  return first(reader.query("SELECT seq, hash, at FROM audit_heads WHERE tenant_id = ?1 AND env = ?2", realm),
               [](const Query& q) {
                 return AuditHead{q.integer(0), q.text(1), q.integer(2)};
               });
}

ChainHead chain_head_of(const Query& q) { return {q.text(0), q.text(1), q.integer(2), q.text(3)}; }

std::vector<ChainHead> list_audit_heads(const Reader& reader) {
  return all(reader.query("SELECT tenant_id, env, seq, hash FROM audit_heads ORDER BY tenant_id, env"), chain_head_of);
}

void append_audit_row(Tx& tx, const AuditRow& row) {
  tx.touch(row.realm());
  insert_row<kAuditRow>(tx, row);
  tx.run(
      "INSERT INTO audit_heads (tenant_id, env, seq, hash, at) VALUES (?1, ?2, ?3, ?4, ?5) "
      "ON CONFLICT (tenant_id, env) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, at = excluded.at",
      row.tenant_id, row.env, row.seq, row.hash, row.at);
}

std::vector<AuditRow> list_audit_rows_after(const Reader& reader, Realm realm, std::int64_t after, int limit) {
  static const std::string text = select_rows<kAuditRow>() + "AND seq > ?3 ORDER BY seq LIMIT ?4";
  return all(reader.query(text, realm, after, limit), row_of<kAuditRow>);
}

std::int64_t next_audit_seq(const Reader& reader, Realm realm) {
  const auto head = find_audit_head(reader, realm);
  return head ? head->seq + 1 : 1;
}

}  // namespace nexus::store
