#include "tests/faults/ledger.hpp"

#include <map>

#include "daemon/base/crypto.hpp"
#include "store/sqlite/connection.hpp"
#include "tests/support/databases.hpp"
#include "tests/support/opened_store.hpp"

namespace nexus::test {

using store::Query;
using store::Reader;

const Trace kPresigned{"SELECT filename, asset_id FROM raw_assets", "t_dev", "dev", "raw_presign"};
const Trace kUsersCreated{"SELECT display_name, user_id FROM users WHERE user_id <> 'u_dev'", "t_system", "prod",
                          "user_create", 1};

namespace {

/// What SQLite itself says of its file; a server knows its own.
std::string damage_in(const std::filesystem::path& data_dir) {
  if (is_on_postgres()) return {};
  store::Connection connection({.path = data_dir / "nexus.db", .read_only = true});
  return store::find_damage(connection, true);
}

std::string instance_of(const Reader& reader) {
  Query q = reader.query("SELECT value FROM meta WHERE key = 'instance_id'");
  return q.next() ? q.text(0) : std::string();
}

/// One chain, followed row by row.
class Chain {
 public:
  Chain(std::string tenant, std::string env, const std::string& instance, std::vector<std::string>& complaints)
      : tenant_(std::move(tenant)),
        env_(std::move(env)),
        hash_(sha256_hex("nexus.audit.genesis.v1\n" + instance + "\n" + tenant_ + "\n" + env_ + "\n")),
        complaints_(complaints) {}

  void follow(const Reader& reader) {
    Query q = reader.query(
        "SELECT seq, prev_hash, hash, body, details FROM audit_rows WHERE tenant_id = ?1 AND env = ?2 ORDER BY seq",
        tenant_, env_);
    while (q.next()) take(q);
    Query head = reader.query("SELECT seq, hash FROM audit_heads WHERE tenant_id = ?1 AND env = ?2", tenant_, env_);
    if (!head.next() || head.integer(0) != seq_ || head.text(1) != hash_) complain("the head is not the last row");
  }

 private:
  void take(const Query& row) {
    if (row.integer(0) != seq_ + 1) complain("the rows are not dense");
    seq_ = row.integer(0);
    if (row.text(1) != hash_) complain("prev_hash is not the hash before");
    const std::string body = row.text(3);
    hash_ = sha256_hex("nexus.audit.v1\n" + tenant_ + "\n" + env_ + "\n" + std::to_string(seq_) + "\n" + row.text(1) +
                       "\n" + sha256_hex(body) + "\n");
    if (row.text(2) != hash_) complain("the hash is not that of the row");
    if (body.find("\"details_sha256\":\"" + sha256_hex(row.text_view(4)) + "\"") == std::string::npos)
      complain("the details are not those that were hashed");
  }

  void complain(const std::string& what) {
    complaints_.push_back(tenant_ + "/" + env_ + " seq " + std::to_string(seq_) + ": " + what);
  }

  std::string tenant_, env_, hash_;
  std::int64_t seq_ = 0;
  std::vector<std::string>& complaints_;
};

/// Hash of each PASS row of the trace's action, by seq.
std::map<std::int64_t, std::string> passes(const Reader& reader, const Trace& trace) {
  std::map<std::int64_t, std::string> out;
  Query q = reader.query(
      "SELECT seq, hash FROM audit_rows WHERE tenant_id = ?1 AND env = ?2 AND action = ?3 AND result = 'PASS'",
      trace.tenant, trace.env, trace.action);
  while (q.next()) out[q.integer(0)] = q.text(1);
  return out;
}

}  // namespace

std::vector<std::string> compare(const std::filesystem::path& data_dir, const Trace& trace,
                                 const std::vector<Acknowledged>& acknowledged) {
  std::vector<std::string> complaints;
  const OpenedStore store(data_dir);
  const Reader reader = store.reader();
  std::multimap<std::string, std::string> rows;
  for (Query q = reader.query(trace.rows); q.next();) rows.emplace(q.text(0), q.text(1));
  const auto receipts = passes(reader, trace);
  for (const Acknowledged& one : acknowledged) {
    const auto [first, last] = rows.equal_range(one.name);
    const auto count = std::distance(first, last);
    if (count != 1)
      complaints.push_back(one.name + " is there " + std::to_string(count) + " times");
    else if (first->second != one.id)
      complaints.push_back(one.name + " has another id than was answered");
    const auto receipt = receipts.find(one.seq);
    if (receipt == receipts.end() || receipt->second != one.hash)
      complaints.push_back(one.name + " has a receipt that is no audit row");
  }
  if (rows.size() != acknowledged.size())
    complaints.push_back(std::to_string(rows.size()) + " rows for " + std::to_string(acknowledged.size()) +
                         " acknowledged mutations");
  if (receipts.size() != acknowledged.size() + trace.own)
    complaints.push_back(std::to_string(receipts.size() - trace.own) + " audit rows for " +
                         std::to_string(acknowledged.size()) + " acknowledged mutations");
  return complaints;
}

std::int64_t count(const std::filesystem::path& data_dir, std::string_view sql) {
  const OpenedStore store(data_dir);
  Query query = store.reader().query(sql);
  return query.next() ? query.integer(0) : -1;
}

std::vector<std::string> verify(const std::filesystem::path& data_dir) {
  std::vector<std::string> complaints;
  if (const std::string damage = damage_in(data_dir); !damage.empty()) complaints.push_back(damage);
  const OpenedStore store(data_dir);
  const Reader reader = store.reader();
  const std::string instance = instance_of(reader);
  Query chains = reader.query("SELECT DISTINCT tenant_id, env FROM audit_rows");
  while (chains.next()) Chain(chains.text(0), chains.text(1), instance, complaints).follow(reader);
  return complaints;
}

std::vector<std::string> find_leaks(const std::filesystem::path& data_dir, const Trace& trace,
                                    const std::vector<Window>& windows) {
  std::vector<std::string> complaints;
  const OpenedStore store(data_dir);
  const auto rows = passes(store.reader(), trace);
  for (const Window& window : windows) {
    const auto next = rows.upper_bound(window.off);
    if (next != rows.end() && (window.on == 0 || next->first < window.on))
      complaints.push_back("row " + std::to_string(next->first) + " passed after row " + std::to_string(window.off) +
                           " had switched the action off");
  }
  return complaints;
}

}  // namespace nexus::test
