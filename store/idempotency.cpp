#include "store/idempotency.hpp"

namespace nexus::store {

std::optional<StoredAnswer> find_answer(const Reader& reader, const IdempotencyScope& scope, Micros not_before) {
  Query q = reader.query(
      "SELECT body_sha256, secret, status, headers, body FROM idempotency_keys WHERE tenant_id = ?1 AND env = ?2 "
      "AND user_id = ?3 AND method = ?4 AND path = ?5 AND key = ?6 AND created_at >= ?7",
      scope.tenant_id, scope.env, scope.user_id, scope.method, scope.path, scope.key, not_before);
  if (!q.next()) return std::nullopt;
  return StoredAnswer{q.text(0), q.boolean(1), static_cast<int>(q.integer(2)), q.text(3), q.text(4)};
}

void put_answer(Tx& tx, const IdempotencyScope& scope, const StoredAnswer& answer, Micros at) {
  tx.run(
      "INSERT OR REPLACE INTO idempotency_keys (tenant_id, env, user_id, method, path, key, body_sha256, secret, "
      "status, headers, body, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
      scope.tenant_id, scope.env, scope.user_id, scope.method, scope.path, scope.key, answer.body_sha256, answer.secret,
      answer.status, answer.headers, answer.body, at);
}

std::int64_t prune_answers(Tx& tx, Micros before, int limit) {
  return tx.run(
      "DELETE FROM idempotency_keys WHERE (tenant_id, env, user_id, method, path, key) IN "
      "(SELECT tenant_id, env, user_id, method, path, key FROM idempotency_keys WHERE created_at < ?1 LIMIT ?2)",
      before, limit);
}

}  // namespace nexus::store
