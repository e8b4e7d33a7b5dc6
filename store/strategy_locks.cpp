#include "store/strategy_locks.hpp"

#include "daemon/base/json.hpp"
#include "store/sqlite/rows.hpp"

namespace nexus::store {
namespace {

std::vector<std::string> names_of(std::string_view text) {
  if (text == "[]") return {};
  if (text == R"(["*"])") return {"*"};  // the usual lock of a gate's question needs no parse per request
  return parse_own_json(text).get<std::vector<std::string>>();
}

}  // namespace

std::vector<ApprovedLock> list_approved_locks(const Reader& reader, Realm realm, std::string_view surface, Micros now) {
  // Matches the index and names it, because without statistics SQLite uses the primary key and scans every lock that
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

}  // namespace nexus::store
