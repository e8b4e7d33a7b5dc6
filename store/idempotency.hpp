// Stored answers to requests with an Idempotency-Key. The dispatcher decides when to look up, store and replay them.
#pragma once

#include "daemon/base/clock.hpp"
#include "store/query.hpp"

namespace nexus::store {

struct Subject;

/// The scope in which a key is unique, and the key. `tenant_id` and `env` are empty for routes without a tenant.
struct IdempotencyScope {
  std::string tenant_id;
  std::string env;
  std::string user_id;
  std::string method;
  std::string path;
  std::string key;
};

/// The status of an answer whose subject was deleted: only the name of its subject is left.
inline constexpr int kErased = 404;

struct StoredAnswer {
  std::string body_sha256 = {};
  bool secret = false;
  int status = 0;
  std::string headers = {};  // JSON object
  std::string body = {};
  std::string subject_type = {};  // its subject, as in its audit row
  std::optional<std::string> subject_id = {};
  bool is_reference = false;  // the body refers to the data from which to make the answer
  Micros at = 0;              // when it was stored

  bool erased() const { return status == kErased; }
};

/// Finds an answer stored at or after `not_before`.
std::optional<StoredAnswer> find_answer(const Reader& reader, const IdempotencyScope& scope, Micros not_before);
void put_answer(Tx& tx, const IdempotencyScope& scope, const StoredAnswer& answer, Micros at);
/// Erases up to `limit` answers about a subject and keeps their keys. Returns whether none is left.
bool erase_answers(Tx& tx, const Subject& subject, int limit);
/// Removes a card's excerpt from the stored answers about a pack.
void drop_excerpt_from_answers(Tx& tx, const Subject& pack, std::string_view card_id);
/// Tenants that have answers older than `before`, up to `limit`, each as a place without an env.
std::vector<Place> list_tenants_of_old_answers(const Reader& reader, Micros before, int limit);
/// Removes up to `limit` answers of these tenants older than `before`. Returns their number.
std::int64_t prune_answers(Tx& tx, const std::vector<Place>& tenants, Micros before, int limit);
/// A tenant whose answers take more than `bytes_max`, as a place without an env.
std::optional<Place> find_tenant_of_heavy_answers(const Reader& reader, std::int64_t bytes_max);
/// Removes up to `limit` of the tenant's oldest answers while they take more than `bytes_max`. Returns their number.
std::int64_t prune_heavy_answers(Tx& tx, std::string_view tenant_id, std::int64_t bytes_max, int limit);

struct AnswersWaiting {
  std::int64_t rows = 0;   // older than asked, counted up to kCountMax (retention.hpp)
  std::int64_t bytes = 0;  // above what a tenant may have, of all tenants
};
AnswersWaiting count_waiting_answers(const Reader& reader, Micros before, std::int64_t bytes_max);
/// The bytes of all stored answers.
std::int64_t sum_answer_bytes(const Reader& reader);

}  // namespace nexus::store
