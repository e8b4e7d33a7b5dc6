#include "store/idempotency.hpp"

#include "daemon/base/json.hpp"
#include "store/erasure.hpp"
#include "store/retention.hpp"
#include "store/rows.hpp"

namespace nexus::store {

std::optional<StoredAnswer> find_answer(const Reader& reader, const IdempotencyScope& scope, Micros not_before) {
  Query q = reader.query(
      "SELECT body_sha256, secret, status, headers, body, subject_type, subject_id, is_reference, "
      "created_at FROM idempotency_keys "
      "WHERE tenant_id = ?1 AND env = ?2 AND user_id = ?3 AND method = ?4 AND path = ?5 AND key = ?6",
      scope.tenant_id, scope.env, scope.user_id, scope.method, scope.path, scope.key);
  if (!q.next() || q.integer(8) < not_before) return std::nullopt;
  return StoredAnswer{q.text(0),          q.boolean(1), static_cast<int>(q.integer(2)),
                      q.text(3),          q.text(4),    q.text(5),
                      q.optional_text(6), q.boolean(7), q.integer(8)};
}

void put_answer(Tx& tx, const IdempotencyScope& scope, const StoredAnswer& answer, Micros at) {
  tx.run(
      "INSERT INTO idempotency_keys (tenant_id, env, user_id, method, path, key, body_sha256, secret, status, "
      "headers, body, created_at, subject_type, subject_id, is_reference) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, "
      "?9, ?10, ?11, ?12, ?13, ?14, ?15) ON CONFLICT (tenant_id, env, user_id, method, path, key) DO UPDATE SET "
      "body_sha256 = excluded.body_sha256, secret = excluded.secret, status = excluded.status, headers = "
      "excluded.headers, body = excluded.body, created_at = excluded.created_at, subject_type = "
      "excluded.subject_type, subject_id = excluded.subject_id, is_reference = excluded.is_reference",
      scope.tenant_id, scope.env, scope.user_id, scope.method, scope.path, scope.key, answer.body_sha256, answer.secret,
      answer.status, answer.headers, answer.body, at, answer.subject_type, answer.subject_id, answer.is_reference);
}

// These statements name the index, because SQLite would look through all answers of the tenant instead: the key's first
// columns seem as good to it as the whole index.

bool erase_answers(Tx& tx, const Subject& subject, int limit) {
  return tx.run(
             "UPDATE idempotency_keys SET status = ?5, headers = '{}', body = '' "
             "WHERE (tenant_id, env, user_id, method, path, key) IN "
             "(SELECT tenant_id, env, user_id, method, path, key FROM idempotency_keys "
             "INDEXED BY idempotency_keys_by_subject WHERE tenant_id = ?1 AND env = ?2 AND subject_type = ?3 AND "
             "subject_id = ?4 AND status <> ?5 LIMIT ?6)",
             subject.realm(), subject.type, subject.id, kErased, limit) < limit;
}

namespace {

/// Returns whether the body named the card.
bool drop_excerpt(Json& body, std::string_view card_id) {
  if (!body.is_object() || !body.contains("card_refs")) return false;
  bool named = false;
  for (Json& reference : body["card_refs"]) {
    if (!reference.is_object() || reference.value("card_id", "") != card_id) continue;
    reference["excerpt"] = nullptr;
    named = true;
  }
  return named;
}

}  // namespace

void drop_excerpt_from_answers(Tx& tx, const Subject& pack, std::string_view card_id) {
  struct Answer {
    std::string user_id, method, path, key, body;
  };
  const auto answers = all(
      tx.query("SELECT user_id, method, path, key, body FROM idempotency_keys INDEXED BY idempotency_keys_by_subject "
               "WHERE tenant_id = ?1 AND env = ?2 AND subject_type = ?3 AND subject_id = ?4 AND body <> '' "
               "AND is_reference = 0",
               pack.realm(), pack.type, pack.id),
      [](const Query& q) {
        return Answer{q.text(0), q.text(1), q.text(2), q.text(3), q.text(4)};
      });
  for (const Answer& answer : answers) {
    Json body = parse_own_json(answer.body);
    if (!drop_excerpt(body, card_id)) continue;
    tx.run(
        "UPDATE idempotency_keys SET body = ?7 WHERE tenant_id = ?1 AND env = ?2 AND user_id = ?3 AND method = ?4 "
        "AND path = ?5 AND key = ?6",
        pack.realm(), answer.user_id, answer.method, answer.path, answer.key, to_text(body));
  }
}

namespace {

#define NEXUS_KEY_OF_ANSWER "tenant_id, env, user_id, method, path, key"

/// Removes up to `limit` answers of the tenant, oldest first.
std::int64_t drop_oldest_answers(Tx& tx, std::string_view tenant_id, Micros before, std::int64_t limit) {
  return tx.run("DELETE FROM idempotency_keys WHERE (" NEXUS_KEY_OF_ANSWER ") IN (SELECT " NEXUS_KEY_OF_ANSWER
                " FROM idempotency_keys INDEXED BY idempotency_keys_by_tenant "
                "WHERE tenant_id = ?1 AND created_at < ?2 ORDER BY created_at LIMIT ?3)",
                tenant_id, before, limit);
}

#undef NEXUS_KEY_OF_ANSWER

Place tenant_alone(const Query& q) { return {q.text(0), ""}; }

}  // namespace

std::vector<Place> list_tenants_of_old_answers(const Reader& reader, Micros before, int limit) {
  return all(
      reader.query(
          "SELECT DISTINCT tenant_id FROM stored_answer_bytes AS sum WHERE bytes > 0 AND (SELECT min(created_at) "
          "FROM idempotency_keys INDEXED BY idempotency_keys_by_tenant WHERE tenant_id = sum.tenant_id) < ?1 "
          "ORDER BY tenant_id LIMIT ?2",
          before, limit),
      tenant_alone);
}

std::int64_t prune_answers(Tx& tx, const std::vector<Place>& tenants, Micros before, int limit) {
  std::int64_t removed = 0;
  for (const Place& tenant : tenants)
    if (removed < limit) removed += drop_oldest_answers(tx, tenant.tenant_id, before, limit - removed);
  return removed;
}

std::optional<Place> find_tenant_of_heavy_answers(const Reader& reader, std::int64_t bytes_max) {
  return first(reader.query("SELECT tenant_id FROM stored_answer_bytes GROUP BY tenant_id HAVING sum(bytes) > ?1 "
                            "ORDER BY tenant_id LIMIT 1",
                            bytes_max),
               tenant_alone);
}

std::int64_t prune_heavy_answers(Tx& tx, std::string_view tenant_id, std::int64_t bytes_max, int limit) {
  std::int64_t excess = integer_of(tx.query("SELECT coalesce(sum(bytes), 0) FROM stored_answer_bytes "
                                            "WHERE tenant_id = ?1",
                                            tenant_id)) -
                        bytes_max;
  std::int64_t count = 0;
  {
    Query q = tx.query(
        "SELECT 512 + octet_length(headers) + octet_length(body) FROM idempotency_keys "
        "INDEXED BY idempotency_keys_by_tenant WHERE tenant_id = ?1 ORDER BY created_at LIMIT ?2",
        tenant_id, limit);
    for (; excess > 0 && q.next(); ++count) excess -= q.integer(0);
  }
  return drop_oldest_answers(tx, tenant_id, INT64_MAX, count);
}

AnswersWaiting count_waiting_answers(const Reader& reader, Micros before, std::int64_t bytes_max) {
  return {integer_of(reader.query("SELECT count(*) FROM (SELECT 1 AS one FROM (SELECT DISTINCT tenant_id FROM "
                                  "stored_answer_bytes) AS owners CROSS JOIN "
                                  "idempotency_keys AS k INDEXED BY idempotency_keys_by_tenant "
                                  "WHERE k.tenant_id = owners.tenant_id AND k.created_at < ?1 LIMIT ?2) AS counted",
                                  before, kCountMax)),
          integer_of(reader.query("SELECT coalesce(sum(bytes - ?1), 0) FROM (SELECT sum(bytes) AS bytes FROM "
                                  "stored_answer_bytes GROUP BY tenant_id) AS owned WHERE bytes > ?1",
                                  bytes_max))};
}

std::int64_t sum_answer_bytes(const Reader& reader) {
  return integer_of(reader.query("SELECT coalesce(sum(bytes), 0) FROM stored_answer_bytes"));
}

}  // namespace nexus::store
