#include "tests/api/audit_watch.hpp"

#include "store/rows.hpp"
#include "tests/support/opened_store.hpp"

namespace nexus::test {

void AuditWatch::saw(const Answer& answer) {
  const std::string hash = answer.header("nexus-audit-hash");
  if (!hash.empty() && !matched_.contains(hash)) open_.insert(hash);
}

void AuditWatch::read_chain(const store::Reader& reader, const Place& chain, std::vector<std::string>& complaints) {
  std::int64_t& last = rows_read_[chain];
  auto row = reader.query(
      "SELECT seq, hash, action, CASE WHEN action IN ('authz_denied', 'auth_failed', 'system_read') OR "
      "coalesce(details, '') LIKE '%\"by\":\"nexusd itself\"%' THEN 1 ELSE 0 END "
      "FROM audit_rows WHERE tenant_id = ?1 AND env = ?2 AND seq > ?3 ORDER BY seq",
      chain.realm(), last);
  while (row.next()) {
    last = row.integer(0);
    if (row.boolean(3)) continue;
    const std::string hash = row.text(1);
    if (open_.erase(hash) == 0)
      complaints.push_back("the row " + chain.tenant_id + " " + chain.env + " " + std::to_string(last) + " " +
                           row.text(2) + " has no answer that carries its receipt");
    matched_.insert(hash);
  }
}

std::vector<std::string> AuditWatch::complaints(const std::filesystem::path& data_dir) {
  std::vector<std::string> out;
  const OpenedStore store(data_dir);
  const store::Reader reader = store.reader();
  const auto heads = store::all(reader.query("SELECT tenant_id, env, seq FROM audit_heads"), [](const store::Query& q) {
    return std::pair(Place{q.text(0), q.text(1)}, q.integer(2));
  });
  for (const auto& [chain, seq] : heads)
    if (seq > rows_read_[chain]) read_chain(reader, chain, out);
  for (const auto& hash : open_) out.push_back("the receipt " + hash + " has no row");
  open_.clear();
  return out;
}

}  // namespace nexus::test
