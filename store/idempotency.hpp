// Stored answers to requests with an Idempotency-Key. When to look, store and replay is the dispatcher's business.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "daemon/base/clock.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::store {

struct Subject;

/// What a key is unique within. `tenant_id` and `env` are empty for routes without a tenant.
struct IdempotencyScope {
  std::string tenant_id;
  std::string env;
  std::string user_id;
  std::string method;
  std::string path;
  std::string key;
};

/// The status of an answer whose subject was deleted: nothing of it is left but what it was about.
inline constexpr int kErased = 404;

struct StoredAnswer {
  std::string body_sha256;
  bool secret = false;
  int status = 0;
  std::string headers;  // JSON object
  std::string body;
  std::string subject_type = {};  // what it is about, as in its audit row
  std::optional<std::string> subject_id = {};
  bool is_reference = false;  // the body is not the answer, but says what to make it of

  bool erased() const { return status == kErased; }
};

/// An answer stored at or after `not_before`; older ones count as absent.
std::optional<StoredAnswer> find_answer(const Reader& reader, const IdempotencyScope& scope, Micros not_before);
void put_answer(Tx& tx, const IdempotencyScope& scope, const StoredAnswer& answer, Micros at);
/// Erases up to `limit` answers about a subject; their keys stay. Answers whether none is left.
bool erase_answers(Tx& tx, const Subject& subject, int limit);
/// Takes a card's excerpt out of the stored answer about a pack.
void drop_excerpt_from_answers(Tx& tx, const Subject& pack, std::string_view card_id);
/// Removes up to `limit` answers older than `before`; answers how many.
std::int64_t prune_answers(Tx& tx, Micros before, int limit);

}  // namespace nexus::store
