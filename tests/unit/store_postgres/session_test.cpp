// Sessions: transactions, deferred writes, round trips, savepoints.
#include "support.hpp"

using namespace nexus::store;
using namespace nexus::store::test;

namespace {

struct OpenNotes : OpenLink {
  OpenNotes() { link.execute("CREATE TEMP TABLE notes (id bigint PRIMARY KEY, text text NOT NULL)"); }
  void defer_note(std::int64_t id) {
    const std::string text = "note " + std::to_string(id);  // ends before it is sent
    const Argument arguments[] = {id, text};
    session.run("INSERT INTO notes VALUES (?1, ?2)", arguments);
  }
  std::int64_t count() { return integer("SELECT count(*) FROM notes"); }
};

}  // namespace

TEST_CASE("three deferred writes and a query are one round trip") {
  OpenNotes open;
  const auto before = open.link.round_trips();
  for (const int id : {1, 2, 3}) open.defer_note(id);
  CHECK(open.link.round_trips() == before);
  CHECK(open.count() == 3);
  CHECK(open.link.round_trips() == before + 1);
}

TEST_CASE("a transaction with deferred writes is one round trip") {
  OpenNotes open;
  const auto before = open.link.round_trips();
  open.session.begin(Isolation::read_committed);
  open.defer_note(1);
  open.defer_note(2);
  CHECK(open.session.commit() == Committed::as_configured);
  CHECK(open.link.round_trips() == before + 1);
  CHECK_FALSE(open.link.in_transaction());
  CHECK(open.count() == 2);
}

TEST_CASE("run tells the rows it changed, and nothing for a statement that changes none") {
  OpenLink open;
  open.link.execute("CREATE TEMP TABLE t (k bigint PRIMARY KEY)");
  CHECK(open.tx.run("INSERT INTO t VALUES (1), (2), (3)") == 3);
  CHECK(open.tx.run("UPDATE t SET k = k WHERE k > 1") == 2);
  CHECK(open.tx.run("UPDATE t SET k = k WHERE k > 9") == 0);
  CHECK(open.tx.run("INSERT INTO t VALUES (3), (4) ON CONFLICT (k) DO NOTHING") == 1);
  CHECK(open.tx.run("SELECT * FROM t") == 0);
  CHECK(open.tx.run("DELETE FROM t WHERE k < 3 RETURNING k") == 2);
  CHECK(open.tx.run("CREATE TEMP TABLE u (k bigint)") == 0);
}

TEST_CASE("the same query may run inside the rows of itself") {
  OpenLink open;
  const std::string sql = "SELECT x FROM (VALUES (1), (2), (3)) AS v(x) WHERE x > ?1";
  int pairs = 0;
  Query outer = open.tx.query(sql, 0);
  while (outer.next()) {
    Query inner = open.tx.query(sql, 1);
    while (inner.next()) ++pairs;
  }
  CHECK(pairs == 6);
}

TEST_CASE("a constraint that fails inside a pipeline leaves the session usable after ROLLBACK") {
  OpenNotes open;
  open.session.begin(Isolation::read_committed);
  open.defer_note(1);
  open.defer_note(1);
  open.defer_note(2);
  CHECK(failure_of([&] { open.session.commit(); }) == Failure::constraint);
  CHECK(open.link.in_transaction());
  CHECK(failure_of([&] { open.count(); }) == Failure::other);  // until ROLLBACK
  open.session.rollback();
  CHECK_FALSE(open.link.in_transaction());
  CHECK(open.count() == 0);
  open.session.begin(Isolation::read_committed);
  open.defer_note(2);
  open.session.commit();
  CHECK(open.count() == 1);
}

TEST_CASE("a COMMIT that rolls back is no success") {
  OpenNotes open;
  open.session.begin(Isolation::read_committed);
  CHECK(failure_of([&] { now(open.tx.run("INSERT INTO notes VALUES (1, NULL)")); }) == Failure::constraint);
  CHECK(failure_of([&] { open.session.commit(); }) == Failure::other);
  CHECK(open.count() == 0);
}

TEST_CASE("rollback forgets what is deferred, and needs no round trip for it") {
  OpenNotes open;
  const auto before = open.link.round_trips();
  open.session.begin(Isolation::read_committed);
  open.defer_note(1);
  open.session.rollback();
  CHECK(open.link.round_trips() == before);
  open.session.begin(Isolation::read_committed);
  open.defer_note(2);
  CHECK(open.count() == 1);
  open.session.rollback();
  CHECK(open.count() == 0);
}

TEST_CASE("transactions begin and end in turn") {
  OpenLink open;
  CHECK_THROWS_AS(open.session.commit(), std::logic_error);
  open.session.begin(Isolation::read_committed);
  CHECK_THROWS_AS(open.session.begin(Isolation::read_committed), std::logic_error);
  open.session.rollback();
  open.session.rollback();
}

TEST_CASE("a count is asked once its statement was sent, and sends it if not") {
  OpenNotes open;
  open.session.begin(Isolation::read_committed);
  const Changed first = open.tx.run("INSERT INTO notes VALUES (1, 'a'), (2, 'b')");
  const Changed second = open.tx.run("UPDATE notes SET text = 'c' WHERE id = 2");
  const auto before = open.link.round_trips();
  CHECK(second == 1);
  CHECK(first == 2);
  CHECK(open.link.round_trips() == before + 1);
  const Changed third = open.tx.run("DELETE FROM notes");
  CHECK(open.count() == 0);
  CHECK(third == 2);
  CHECK(open.link.round_trips() == before + 2);
  open.session.commit();
}

TEST_CASE("a unit whose writes were not sent is undone without a round trip") {
  OpenNotes open;
  open.session.begin(Isolation::read_committed);
  open.defer_note(1);
  open.session.begin_unit(false);
  CHECK(open.count() == 1);  // a read, which sends what the unit before has deferred
  open.defer_note(2);
  const auto before = open.link.round_trips();
  CHECK(open.session.undo_unit());
  open.session.begin_unit(false);
  open.defer_note(3);
  open.session.end_unit();
  open.session.commit();
  CHECK(open.link.round_trips() == before + 1);
  CHECK(open.integer("SELECT sum(id) FROM notes") == 4);
}

TEST_CASE("a unit that reads after it wrote is undone by a savepoint") {
  OpenNotes open;
  open.session.begin(Isolation::read_committed);
  open.defer_note(1);
  open.session.begin_unit(false);
  open.defer_note(2);
  CHECK(open.count() == 2);
  open.defer_note(3);
  CHECK(open.session.undo_unit());
  open.session.begin_unit(false);
  CHECK(now(open.tx.run("INSERT INTO notes VALUES (4, '') ON CONFLICT (id) DO NOTHING")) == 1);
  CHECK(open.session.undo_unit());
  open.session.begin_unit(false);
  open.tx.query("INSERT INTO notes VALUES (5, '') RETURNING id");
  open.session.end_unit();
  open.session.commit();
  CHECK(open.integer("SELECT sum(id) FROM notes") == 6);
}

TEST_CASE("a careful unit meets its failure at once, and is undone alone") {
  OpenNotes open;
  open.session.begin(Isolation::read_committed);
  open.defer_note(1);
  open.session.begin_unit(true);
  CHECK(failure_of([&] { open.defer_note(1); }) == Failure::constraint);
  CHECK(open.session.is_failed());
  CHECK(open.session.undo_unit());
  CHECK_FALSE(open.session.is_failed());
  open.session.begin_unit(true);
  open.defer_note(2);
  open.session.end_unit();
  open.session.commit();
  CHECK(open.count() == 2);
}

TEST_CASE("a unit without a savepoint cannot be undone alone once a statement failed") {
  OpenNotes open;
  open.session.begin(Isolation::read_committed);
  open.defer_note(1);
  open.defer_note(1);
  open.session.begin_unit(false);
  CHECK(failure_of([&] { open.count(); }) == Failure::constraint);  // that of a unit before
  CHECK_FALSE(open.session.undo_unit());
  open.session.rollback();
  CHECK(open.count() == 0);
}

TEST_CASE("a snapshot sees one state, and none may write in it") {
  OpenLink reader, writer;
  writer.link.execute("CREATE TABLE seen (i bigint)");
  reader.session.begin(Isolation::snapshot);
  CHECK(reader.integer("SELECT count(*) FROM seen") == 0);
  now(writer.tx.run("INSERT INTO seen VALUES (1)"));
  CHECK(reader.integer("SELECT count(*) FROM seen") == 0);
  CHECK(failure_of([&] { now(reader.tx.run("INSERT INTO seen VALUES (2)")); }) == Failure::read_only);
  reader.session.rollback();
  CHECK(reader.integer("SELECT count(*) FROM seen") == 1);
  writer.link.execute("DROP TABLE seen");
}

TEST_CASE("more is queued than a socket holds, in both directions") {
  OpenLink open;
  // The answers are larger than the questions, so the server stops reading while much is unsent.
  const std::string text(10'000, 'x');
  const Argument arguments[] = {text};
  for (int times = 0; times < 100; ++times) open.session.run("SELECT repeat(?1, 30)", arguments);
  const auto before = open.link.round_trips();
  CHECK(open.integer("SELECT 1") == 1);
  CHECK(open.link.round_trips() == before + 1);
}
