#include "store/strategy_locks.hpp"

#include "daemon/base/json.hpp"
#include "store/sqlite/rows.hpp"

namespace nexus::store {
namespace {

#define NEXUS_LOCK_COLUMNS                                                                                 \
  "lock_id, surface, scope, title, description, constraints, allowed_actions, three_wise_id, valid_from, " \
  "valid_until, status, editors, created_at, created_by, updated_at, updated_by, decided_at, decided_by, draft"

std::vector<std::string> names_of(std::string_view text) {
  if (text == "[]") return {};
  if (text == R"(["*"])") return {"*"};  // the usual lock of a gate's question: no parse on the way of each request
  return parse_own_json(text).get<std::vector<std::string>>();
}

template <class T>
std::optional<T> or_nothing(const Json& value) {
  return value.is_null() ? std::nullopt : std::optional<T>(value.get<T>());
}

std::optional<std::string> text_of(const std::optional<LockTerms>& draft) {
  if (!draft) return std::nullopt;
  return to_text({{"surface", or_null(draft->surface)},
                  {"scope", draft->scope},
                  {"title", draft->title},
                  {"description", or_null(draft->description)},
                  {"constraints", draft->constraints},
                  {"allowed_actions", draft->allowed_actions},
                  {"three_wise_id", or_null(draft->three_wise_id)},
                  {"valid_from", or_null(draft->valid_from)},
                  {"valid_until", or_null(draft->valid_until)}});
}

std::optional<LockTerms> draft_of(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  const Json json = parse_own_json(*text);
  LockTerms terms;
  terms.surface = or_nothing<std::string>(json.at("surface"));
  terms.scope = json.at("scope");
  terms.title = json.at("title");
  terms.description = or_nothing<std::string>(json.at("description"));
  terms.constraints = json.at("constraints");
  terms.allowed_actions = json.at("allowed_actions").get<std::vector<std::string>>();
  terms.three_wise_id = or_nothing<std::string>(json.at("three_wise_id"));
  terms.valid_from = or_nothing<Micros>(json.at("valid_from"));
  terms.valid_until = or_nothing<Micros>(json.at("valid_until"));
  return terms;
}

StrategyLock lock_of(const Query& q) {
  StrategyLock lock;
  lock.lock_id = q.text(0);
  lock.surface = q.optional_text(1);
  lock.scope = q.text(2);
  lock.title = q.text(3);
  lock.description = q.optional_text(4);
  lock.constraints = q.text(5);
  lock.allowed_actions = names_of(q.text_view(6));
  lock.three_wise_id = q.optional_text(7);
  lock.valid_from = q.optional_integer(8);
  lock.valid_until = q.optional_integer(9);
  lock.status = q.text(10);
  lock.editors = names_of(q.text_view(11));
  lock.created_at = q.integer(12);
  lock.created_by = q.text(13);
  lock.updated_at = q.integer(14);
  lock.updated_by = q.text(15);
  lock.decided_at = q.optional_integer(16);
  lock.decided_by = q.optional_text(17);
  lock.draft = draft_of(q.optional_text(18));
  return lock;
}

}  // namespace

std::optional<StrategyLock> find_strategy_lock(const Reader& reader, Realm realm, std::string_view lock_id) {
  return first(reader.query("SELECT " NEXUS_LOCK_COLUMNS " FROM strategy_locks "
                            "WHERE tenant_id = ?1 AND env = ?2 AND lock_id = ?3",
                            realm, lock_id),
               lock_of);
}

std::vector<StrategyLock> list_strategy_locks(const Reader& reader, Realm realm, std::string_view before, int limit) {
  return all(reader.query("SELECT " NEXUS_LOCK_COLUMNS " FROM strategy_locks "
                          "WHERE tenant_id = ?1 AND env = ?2 AND (?3 = '' OR lock_id < ?3) "
                          "ORDER BY lock_id DESC LIMIT ?4",
                          realm, before, limit),
             lock_of);
}

#undef NEXUS_LOCK_COLUMNS

std::vector<ApprovedLock> list_approved_locks(const Reader& reader, Realm realm, std::string_view surface, Micros now) {
  // Written as the index is, and naming it: without statistics SQLite takes the primary key, and walks every lock that
  // this tenant and env ever had.
  Query q = reader.query(
      "SELECT lock_id, allowed_actions, three_wise_id, valid_from, valid_until FROM strategy_locks "
      "INDEXED BY strategy_locks_in_force "
      "WHERE tenant_id = ?1 AND env = ?2 AND status = 'approved' AND coalesce(surface, '') IN ('', ?3) "
      "AND coalesce(valid_until, 9223372036854775807) > ?4 ORDER BY three_wise_id IS NOT NULL, lock_id",
      realm, surface, now);
  std::vector<ApprovedLock> locks;
  while (q.next())
    locks.push_back(
        {q.text(0), names_of(q.text_view(1)), q.optional_text(2), q.optional_integer(3), q.optional_integer(4)});
  return locks;
}

int count_other_approved_locks(const Reader& reader, Realm realm, std::string_view lock_id, Micros now) {
  Query q = reader.query(
      "SELECT count(*) FROM strategy_locks INDEXED BY strategy_locks_in_force "
      "WHERE tenant_id = ?1 AND env = ?2 AND status = 'approved' "
      "AND coalesce(valid_until, 9223372036854775807) > ?3 AND lock_id <> ?4",
      realm, now, lock_id);
  q.next();
  return static_cast<int>(q.integer(0));
}

void insert_strategy_lock(Tx& tx, Realm realm, const StrategyLock& lock) {
  tx.run(
      "INSERT INTO strategy_locks (tenant_id, env, lock_id, surface, scope, title, description, constraints, "
      "allowed_actions, three_wise_id, valid_from, valid_until, status, editors, created_at, created_by, updated_at, "
      "updated_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
      realm, lock.lock_id, lock.surface, lock.scope, lock.title, lock.description, lock.constraints,
      to_text(lock.allowed_actions), lock.three_wise_id, lock.valid_from, lock.valid_until, lock.status,
      to_text(lock.editors), lock.created_at, lock.created_by, lock.updated_at, lock.updated_by);
}

void update_strategy_lock(Tx& tx, Realm realm, const StrategyLock& lock) {
  tx.run(
      "UPDATE strategy_locks SET surface = ?4, scope = ?5, title = ?6, description = ?7, constraints = ?8, "
      "allowed_actions = ?9, three_wise_id = ?10, valid_from = ?11, valid_until = ?12, status = ?13, editors = ?14, "
      "updated_at = ?15, updated_by = ?16, decided_at = ?17, decided_by = ?18, draft = ?19 "
      "WHERE tenant_id = ?1 AND env = ?2 AND lock_id = ?3",
      realm, lock.lock_id, lock.surface, lock.scope, lock.title, lock.description, lock.constraints,
      to_text(lock.allowed_actions), lock.three_wise_id, lock.valid_from, lock.valid_until, lock.status,
      to_text(lock.editors), lock.updated_at, lock.updated_by, lock.decided_at, lock.decided_by, text_of(lock.draft));
}

}  // namespace nexus::store
