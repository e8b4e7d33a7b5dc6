// Stored answers to requests with an Idempotency-Key. When to look, store and replay is the dispatcher's business.
#pragma once
#include <optional>
#include <string>

#include "daemon/base/clock.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::store {

/// What a key is unique within. `tenant_id` and `env` are empty for routes without a tenant.
struct IdempotencyScope {
  std::string tenant_id;
  std::string env;
  std::string user_id;
  std::string method;
  std::string path;
  std::string key;
};

struct StoredAnswer {
  std::string body_sha256;
  bool secret = false;
  int status = 0;
  std::string headers;  // JSON object
  std::string body;
};

/// An answer stored at or after `not_before`; older ones count as absent.
std::optional<StoredAnswer> find_answer(const Reader& reader, const IdempotencyScope& scope, Micros not_before);
void put_answer(Tx& tx, const IdempotencyScope& scope, const StoredAnswer& answer, Micros at);
/// Removes up to `limit` answers older than `before`; answers how many.
std::int64_t prune_answers(Tx& tx, Micros before, int limit);

}  // namespace nexus::store
