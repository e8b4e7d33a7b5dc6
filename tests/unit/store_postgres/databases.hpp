// What the tests of the writer and the readers share: databases of their own, and units that write to the audit log.
#pragma once
#include "daemon/base/bytes.hpp"
#include "daemon/base/crypto.hpp"
#include "store/audit_log.hpp"
#include "store/postgres/database.hpp"
#include "support.hpp"
#include "tests/unit/store/support.hpp"

namespace nexus::store::test {

inline constexpr Realm kDev{.tenant = "t_a", .env = "dev"}, kProd{.tenant = "t_a", .env = "prod"},
    kOther{.tenant = "t_b", .env = "dev"};

/// A new, empty database of the server, dropped at the end.
class NewDatabase {
 public:
  explicit NewDatabase(nexus::test::PostgresServer& on = server()) : server_(on) {
    static int count = 0;
    name_ = "store_" + std::to_string(++count);
    Link({.url = server_.url()}).execute("CREATE DATABASE " + name_);
  }
  NewDatabase(const NewDatabase&) = delete;
  NewDatabase& operator=(const NewDatabase&) = delete;
  ~NewDatabase() {
    try {
      Link({.url = server_.url()}).execute("DROP DATABASE " + name_ + " WITH (FORCE)");
    } catch (const Error&) {  // the server is gone
    }
  }
  const std::string& name() const { return name_; }
  LinkOptions link() const { return {.url = server_.url(name_)}; }
  PostgresOptions options() const { return {.link = link(), .readers = 2, .lanes = 2}; }

 private:
  nexus::test::PostgresServer& server_;
  std::string name_;
};

/// Appends a row to the chain, with a random hash, which it returns.
inline std::string append_row(Tx& tx, Realm realm, std::string_view action = "test") {
  const auto head = find_audit_head(tx, realm);
  AuditRow row{.tenant_id = std::string(realm.tenant),
               .env = std::string(realm.env),
               .seq = head ? head->seq + 1 : 1,
               .at = 1,
               .action = std::string(action),
               .actor = "u_a",
               .result = "PASS",
               .trace_id = "t",
               .body = "{}",
               .details = std::nullopt,
               .prev_hash = head ? head->hash : "",
               .hash = hex(random_bytes(16))};
  append_audit_row(tx, row);
  return row.hash;
}

/// Whether the chain's rows are dense from 1, each with the hash of the one before.
inline bool is_whole(const Reader& reader, Realm realm) {
  std::int64_t seq = 0;
  std::string hash;
  for (const AuditRow& row : list_audit_rows_after(reader, realm, 0, 1'000'000)) {
    if (row.seq != ++seq || row.prev_hash != hash) return false;
    hash = row.hash;
  }
  return find_audit_head(reader, realm)->seq == seq;
}

inline std::int64_t rows_of(const Reader& reader, Realm realm) {
  return integer_of(reader.query("SELECT count(*) FROM audit_rows WHERE tenant_id = ?1 AND env = ?2", realm));
}

}  // namespace nexus::store::test
