#include "store/retention.hpp"

#include "store/rows.hpp"

namespace nexus::store {
namespace {

/// `columns` of the rows that are past ?1.
std::string overdue_text(std::string_view columns, const Expiring& rows) {
  std::string text = "SELECT ";
  text.append(columns).append(" FROM ").append(rows.table).append(" WHERE ").append(rows.condition);
  return text.append(" AND ").append(rows.time).append(" < ?1 ");
}

}  // namespace

std::int64_t drop_expired(Tx& tx, const Expiring& rows, Micros before, int limit) {
  const std::string key(rows.key);
  const std::string which =
      " WHERE (" + key + ") IN (" + overdue_text(key, rows) + "ORDER BY " + std::string(rows.time) + " LIMIT ?2)";
  if (rows.table == kTraceRuns.table) tx.run("DELETE FROM run_event_types" + which, before, limit);
  return tx.run("DELETE FROM " + std::string(rows.table) + which, before, limit);
}

std::int64_t count_expired(const Reader& reader, const Expiring& rows, Micros before) {
  return integer_of(reader.query("SELECT count(*) FROM (" + overdue_text("1 AS one", rows) + "LIMIT ?2) AS counted",
                                 before, kCountMax));
}

std::int64_t count_kept(const Reader& reader, const Kept& kept) {
  return reader.count_rows(kept.table, kept.by_number);
}

}  // namespace nexus::store
