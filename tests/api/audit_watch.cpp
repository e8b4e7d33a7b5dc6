#include "tests/api/audit_watch.hpp"

#include "store/sqlite/connection.hpp"

namespace nexus::test {

void AuditWatch::saw(const Answer& answer) {
  const std::string hash = answer.header("nexus-audit-hash");
  if (!hash.empty() && !matched_.contains(hash)) open_.insert(hash);
}

std::vector<std::string> AuditWatch::complaints(const std::filesystem::path& data_dir) {
  std::vector<std::string> out;
  store::Connection connection({.path = data_dir / "nexus.db", .read_only = true});
  auto row = store::Reader(connection)
                 .query(
                     "SELECT rowid, hash, tenant_id || ' ' || env || ' ' || seq || ' ' || action, "
                     "action IN ('authz_denied', 'auth_failed', 'system_read') OR ifnull(details, '') LIKE "
                     "'%\"by\":\"nexusd itself\"%' FROM audit_rows WHERE rowid > ?1 ORDER BY rowid",
                     rows_read_);
  while (row.next()) {
    rows_read_ = row.integer(0);
    if (row.boolean(3)) continue;
    const std::string hash = row.text(1);
    if (open_.erase(hash) == 0) out.push_back("the row " + row.text(2) + " has no answer that carries its receipt");
    matched_.insert(hash);
  }
  for (const auto& hash : open_) out.push_back("the receipt " + hash + " has no row");
  open_.clear();
  return out;
}

}  // namespace nexus::test
