// What is asked before the units of a group run: it serves them, and never shows them what is no longer so.
#include "databases.hpp"
#include "store/gates.hpp"
#include "store/idempotency.hpp"
#include "store/postgres/asking_session.hpp"

using namespace nexus;
using namespace nexus::store;
using namespace nexus::store::test;

namespace {

/// A migrated database, and a transaction on it in which questions are asked ahead.
struct Asking {
  Asking() {
    PostgresDatabase migrated(made.options());
    open.emplace(made.link());
    open->session.learn_triggers();
    open->session.begin(Isolation::read_committed);
  }
  /// Asks ahead what `read` reads, and tells how many round trips it takes then.
  template <class Read>
  std::int64_t round_trips(Read read) {
    const auto before = open->link.round_trips();
    read(static_cast<const Reader&>(open->tx));
    return open->link.round_trips() - before;
  }
  template <class Read>
  void ask(Read read) {
    AskingSession asking(open->session);
    read(Reader(asking));
  }

  NewDatabase made;
  std::optional<OpenLink> open;
};

IdempotencyScope scope_of(const std::string& key) { return {"t_a", "dev", "u_a", "POST", "/v1/cards", key}; }
StoredAnswer answer_of(const std::string& body) {
  return {.body_sha256 = "x", .secret = false, .status = 201, .headers = "{}", .body = body};
}

}  // namespace

TEST_CASE("the tables of a statement are found by its text") {
  const StatementTables joined =
      tables_of("SELECT a FROM one AS o JOIN two ON o.b = two.b WHERE c IN (SELECT d FROM one)");
  CHECK(joined.named == std::vector<std::string>{"one", "two"});
  CHECK(joined.written.empty());
  const StatementTables upsert =
      tables_of("INSERT INTO one AS sums (a) SELECT b FROM two ON CONFLICT (a) DO UPDATE SET a = excluded.a");
  CHECK(upsert.named == std::vector<std::string>{"one", "two"});
  CHECK(upsert.written == std::vector<std::string>{"one"});
  CHECK(tables_of("UPDATE one SET a = 1").written == std::vector<std::string>{"one"});
  const StatementTables deletion = tables_of("DELETE FROM one WHERE a = ?1");
  CHECK(deletion.written == std::vector<std::string>{"one"});
  CHECK(deletion.deletes);
}

TEST_CASE("what was asked ahead takes no round trip of its own") {
  Asking asking;
  const auto read = [](const Reader& reader) {
    find_gate_marks(reader, kDev);
    find_audit_head(reader, kDev);
  };
  CHECK(asking.round_trips(read) == 2);  // the control
  asking.ask(read);
  asking.ask(read);
  asking.open->session.flush();
  CHECK(asking.round_trips(read) == 0);
  CHECK(asking.round_trips([](const Reader& reader) { find_audit_head(reader, kOther); }) == 1);
}

TEST_CASE("an answer goes when its table is written, also by a trigger") {
  Asking asking;
  Tx& tx = asking.open->tx;
  const auto marks = [](const Reader& reader) { find_gate_marks(reader, kDev); };
  asking.ask(marks);
  asking.open->session.flush();
  append_row(tx, kDev);
  CHECK(asking.round_trips(marks) == 0);
  tx.run(
      "INSERT INTO kill_switches (tenant_id, env, version, updated_at, updated_by) "
      "SELECT '', '', 0, 0, '' WHERE 1 = 0");
  CHECK(asking.round_trips(marks) == 1);
}

TEST_CASE("a lock that a unit takes leaves the answers, and a statement that nobody knows takes them") {
  Asking asking;
  const auto marks = [](const Reader& reader) { find_gate_marks(reader, kDev); };
  asking.ask(marks);
  asking.open->session.flush();
  asking.open->tx.run("SELECT pg_advisory_xact_lock_shared(?1)", 1);
  CHECK(asking.round_trips(marks) == 0);
  asking.open->tx.run("SET LOCAL lock_timeout = 1000");
  CHECK(asking.round_trips(marks) == 1);
}

TEST_CASE("an answer about one key stays while others are written, and goes with its own") {
  Asking asking;
  Tx& tx = asking.open->tx;
  const auto find = [](const std::string& key) {
    return [key](const Reader& reader) { return find_answer(reader, scope_of(key), 0); };
  };
  asking.ask(find("a"));
  asking.ask(find("b"));
  asking.open->session.flush();
  put_answer(tx, scope_of("b"), answer_of("of b"), 1);
  CHECK(asking.round_trips(find("a")) == 0);
  CHECK(find("b")(tx)->body == "of b");
  CHECK_FALSE(find("a")(tx));
}

TEST_CASE("answers end with their transaction") {
  Asking asking;
  const auto head = [](const Reader& reader) { find_audit_head(reader, kDev); };
  asking.ask(head);
  asking.open->session.flush();
  asking.open->session.commit();
  CHECK(asking.round_trips(head) == 1);
}
