// A chain that is read in pages while others write to it, and rows that are found by what their bodies say.
#include "store/audit_log.hpp"
#include "support.hpp"
#include "tests/catch.hpp"

using namespace nexus::store;
using namespace nexus::store::test;

namespace {

struct Chain {
  Scratch scratch;
  Connection connection{ConnectionOptions{.path = scratch.database()}};
  Tx tx{connection};
  std::int64_t seq = 0;

  Chain() { migrate(connection, embedded_migrations()); }
  void append(const std::string& body = "{}", const std::string& trace = "t") {
    AuditRow row;
    row.tenant_id = "t_a";
    row.env = "dev";
    row.seq = ++seq;
    row.action = row.actor = row.hash = row.prev_hash = "x";
    row.result = "PASS";
    row.trace_id = trace;
    row.body = body;
    append_audit_row(tx, row);
  }
  void note(std::int64_t size) { insert_row<kAuditNote>(tx, {"t_a", "dev", size, size, "note"}); }
};

std::string body(const std::string& token, const std::string& request, const std::string& run) {
  return R"({"actor":{"id":"u_ann","token":")" + token + R"(","type":"human"},"gates":[],"request_id":")" + request +
         R"(","result":"PASS","run_id":)" + run + "}";
}

std::vector<std::int64_t> found(const Chain& chain, const AuditFilter& filter) {
  std::vector<std::int64_t> seqs;
  for (const auto& row : find_audit_rows(chain.tx, {.tenant = "t_a", .env = "dev"}, filter, 100))
    seqs.push_back(row.seq);
  return seqs;
}

}  // namespace

TEST_CASE("a scan ends where it was told to, whatever is written meanwhile", "[audit]") {
  Chain chain;
  for (int i = 0; i < 6; ++i) chain.append();
  for (const std::int64_t size : {2, 6}) chain.note(size);
  for (const std::int64_t page : {1, 2, 4, 6, 100}) {
    AuditScan scan({.tenant = "t_a", .env = "dev"});
    scan.end_at(6);
    std::string seen;
    const auto take_row = [&](const AuditRow& row) { seen += std::to_string(row.seq); };
    const auto take_note = [&](const AuditNote& note) { seen += "n" + std::to_string(note.size) + " "; };
    while (scan.page(chain.tx, page, take_row, take_note)) chain.append();
    INFO("pages of " << page);
    CHECK(seen == "12n2 3456n6 ");
  }
  AuditScan nothing({.tenant = "t_a", .env = "dev"});
  nothing.end_at(0);
  CHECK(!nothing.page(
      chain.tx, 10, [](const AuditRow&) { FAIL(); }, [](const AuditNote&) { FAIL(); }));
}

TEST_CASE("rows beyond the end stay out where rows before it are missing", "[audit]") {
  Chain chain;
  chain.seq = 4;
  for (int i = 0; i < 4; ++i) chain.append();
  AuditScan scan({.tenant = "t_a", .env = "dev"});
  scan.end_at(6);
  std::vector<std::int64_t> seen;
  while (scan.page(
      chain.tx, 3, [&](const AuditRow& row) { seen.push_back(row.seq); }, [](const AuditNote&) {})) {
  }
  CHECK(seen == std::vector<std::int64_t>{5, 6});
}

TEST_CASE("rows are found by what their bodies say, by way of an index, and a broken body disturbs nobody", "[audit]") {
  Chain chain;
  chain.append(body("j-1", "r-1", "null"), "r-1");
  chain.append(body("j-2", "r-2", "\"run-1\""), "a trace of its own");
  chain.append("no JSON any more", "r-1");
  chain.append(body("j-1", "r-4", "\"run-1\""), "r-1");
  CHECK(found(chain, {.token = "j-1"}) == std::vector<std::int64_t>{4, 1});
  CHECK(found(chain, {.run_id = "run-1"}) == std::vector<std::int64_t>{4, 2});
  CHECK(found(chain, {.request_id = "r-1"}) == std::vector<std::int64_t>{1});
  CHECK(found(chain, {.request_id = "r-2"}) == std::vector<std::int64_t>{2});
  CHECK(found(chain, {.request_id = "r-4"}) == std::vector<std::int64_t>{4});
  CHECK(found(chain, {.token = "j-1", .run_id = "run-1"}) == std::vector<std::int64_t>{4});
  CHECK(found(chain, {.token = "j-1", .request_id = "r-4", .first = 2, .before = 4}).empty());
  CHECK(found(chain, {}).size() == 4);
}

TEST_CASE("a chain is known by whatever is left of it", "[audit]") {
  Chain chain;
  chain.append();
  put_row<kAuditTree>(chain.tx, {"t_b", "dev"});
  insert_row<kAuditNote>(chain.tx, {"t_c", "prod", 1, 1, "note"});
  insert_row<kAuditNote>(chain.tx, {"", "", 1, 1, "note"});
  chain.connection.execute("DELETE FROM audit_heads");
  CHECK(list_audit_chains(chain.tx) ==
        std::vector<std::pair<std::string, std::string>>{{"t_a", "dev"}, {"t_b", "dev"}, {"t_c", "prod"}});
}

TEST_CASE("a database in another journal mode is read by whoever asks for that, and by nobody else", "[audit]") {
  const Scratch scratch;
  { Connection made(ConnectionOptions{.path = scratch.database()}); }
  {
    Connection made(ConnectionOptions{.path = scratch.database()});
    made.execute("PRAGMA journal_mode=DELETE; CREATE TABLE t(x)");
  }
  CHECK_THROWS_AS(Connection(ConnectionOptions{.path = scratch.database(), .read_only = true}), SchemaError);
  Connection offline(ConnectionOptions{.path = scratch.database(), .read_only = true, .offline = true});
  CHECK(Reader(offline).query("SELECT count(*) FROM t").next());
}
