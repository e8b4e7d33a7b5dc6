#include "store/retention.hpp"

#include "daemon/base/json.hpp"

#include "store/rows.hpp"

namespace nexus::store {
namespace {

/// `columns` of the rows that are past ?1.
std::string overdue_text(std::string_view columns, const Expiring& rows) {
  std::string text = "SELECT ";
  text.append(columns).append(" FROM ").append(rows.table).append(" WHERE ").append(rows.condition);
  return text.append(" AND ").append(rows.time).append(" < ?1 ");
}

/// Of those, the first ?2 by their time.
std::string oldest_text(std::string_view columns, const Expiring& rows, std::string_view also = "") {
  return overdue_text(columns, rows).append(also).append("ORDER BY ").append(rows.time) + " LIMIT ?2";
}

/// As a JSON array of `tenant/env`.
std::string text_of(const Realms& realms) {
  Json names = Json::array();
  for (const Place& place : realms.named()) names.push_back(place.tenant_id + "/" + place.env);
  return to_text(names);
}

}  // namespace

std::vector<Place> list_expired(const Reader& reader, const Expiring& rows, Micros before, int limit) {
  return all(reader.query(oldest_text("tenant_id, env", rows), before, limit), place_of);
}

std::int64_t drop_expired(Tx& tx, const Expiring& rows, Micros before, int limit, const Realms& realms) {
  const std::string key(rows.key);
  const auto drop = [&](std::string_view also, const auto&... named) {
    const std::string which = " WHERE (" + key + ") IN (" + oldest_text(key, rows, also) + ")";
    if (rows.table == kTraceRuns.table) tx.run("DELETE FROM run_event_types" + which, before, limit, named...);
    return tx.run("DELETE FROM " + std::string(rows.table) + which, before, limit, named...);
  };
  if (realms.is_alone() && realms.named().empty()) return drop("");  // of every realm
  return drop("AND tenant_id || '/' || env IN (SELECT value FROM json_each(?3)) ", text_of(realms));
}

std::int64_t count_expired(const Reader& reader, const Expiring& rows, Micros before) {
  return integer_of(reader.query("SELECT count(*) FROM (" + overdue_text("1 AS one", rows) + "LIMIT ?2) AS counted",
                                 before, kCountMax));
}

std::int64_t count_kept(const Reader& reader, const Kept& kept) {
  return reader.count_rows(kept.table, kept.by_number);
}

}  // namespace nexus::store
