// Values into statements and rows out of them; the statement cache under nested use.
#include "store/many_rows.hpp"
#include "support.hpp"
#include "tests/catch.hpp"

using namespace nexus::store;
using namespace nexus::store::test;

namespace {
struct OpenTable {
  Scratch scratch;
  Connection connection{ConnectionOptions{.path = scratch.database()}};
  Tx tx{connection};
};
}  // namespace

TEST_CASE("every kind of value comes back as it went in") {
  OpenTable open;
  open.tx.run("CREATE TABLE t(i INTEGER, r REAL, s TEXT, n TEXT) STRICT");
  const std::string bytes("a\0b", 3);
  const std::optional<std::string> nothing;
  REQUIRE(open.tx.run("INSERT INTO t VALUES(?1, ?2, ?3, ?4)", INT64_MIN, 0.5, bytes, nothing) == 1);

  Query query = open.tx.query("SELECT i, r, s, n FROM t");
  REQUIRE(query.next());
  CHECK(query.integer(0) == INT64_MIN);
  CHECK(query.real(1) == 0.5);
  CHECK(query.text(2) == bytes);
  CHECK(query.text_view(2).size() == 3);
  CHECK(query.is_null(3));
  CHECK_FALSE(query.optional_text(3));
  CHECK_FALSE(query.optional_integer(3));
  CHECK_FALSE(query.next());
}

TEST_CASE("an empty text is not NULL, and an optional with a value is that value") {
  OpenTable open;
  Query query = open.tx.query("SELECT ?1 IS NULL, ?2, ?3", std::string_view(), std::optional<int>(7), true);
  REQUIRE(query.next());
  CHECK(query.integer(0) == 0);
  CHECK(query.integer(1) == 7);
  CHECK(query.boolean(2));
}

TEST_CASE("the arguments of a query may be temporaries") {
  OpenTable open;
  Query query = open.tx.query("SELECT ?1", std::string(100, 'x'));
  REQUIRE(query.next());
  CHECK(query.text(0) == std::string(100, 'x'));
}

TEST_CASE("a count of arguments that does not fit the SQL is a fault of the program") {
  OpenTable open;
  CHECK_THROWS_AS(open.tx.query("SELECT ?1"), std::logic_error);
  CHECK_THROWS_AS(open.tx.query("SELECT ?1", 1, 2), std::logic_error);
  CHECK_THROWS_AS(open.tx.query("SELECT ?1", UINT64_MAX), std::out_of_range);
}

TEST_CASE("the same query may run inside the rows of itself") {
  OpenTable open;
  const std::string sql = "WITH n(x) AS (VALUES(1),(2),(3)) SELECT x FROM n WHERE x > ?1";
  int pairs = 0;
  Query outer = open.tx.query(sql, 0);
  while (outer.next()) {
    Query inner = open.tx.query(sql, 1);
    while (inner.next()) ++pairs;
  }
  CHECK(pairs == 6);
  Query again = open.tx.query(sql, 2);
  REQUIRE(again.next());
  CHECK(again.integer(0) == 3);
}

TEST_CASE("a statement that failed can be used again") {
  OpenTable open;
  open.tx.run("CREATE TABLE t(k TEXT PRIMARY KEY) STRICT");
  const std::string sql = "INSERT INTO t VALUES(?1)";
  open.tx.run(sql, "a");
  try {
    open.tx.run(sql, "a");
    FAIL("a second row with the same key");
  } catch (const Error& error) {
    CHECK(error.failure == Failure::constraint);
  }
  CHECK(open.tx.run(sql, "b") == 1);
}

TEST_CASE("run answers the rows it changed, and nothing for a statement that changes none") {
  OpenTable open;
  open.tx.run("CREATE TABLE t(k INTEGER) STRICT");
  CHECK(open.tx.run("INSERT INTO t VALUES(1),(2),(3)") == 3);
  CHECK(open.tx.run("UPDATE t SET k=k WHERE k>1") == 2);
  CHECK(open.tx.run("UPDATE t SET k=k WHERE k>9") == 0);
  CHECK(open.tx.run("CREATE TABLE u(k INTEGER) STRICT") == 0);
}

TEST_CASE("a query may be moved, and the moved one goes on") {
  OpenTable open;
  Query first = open.tx.query("VALUES(1),(2)");
  REQUIRE(first.next());
  Query second = std::move(first);
  REQUIRE(second.next());
  CHECK(second.integer(0) == 2);
}

TEST_CASE("however many rows are inserted at once, each is there once, and a known one is changed") {
  const ManyRows upsert("INSERT INTO t (k, s, n)", 3, "ON CONFLICT (k) DO UPDATE SET n = t.n + excluded.n");
  for (const std::size_t count : {0, 1, 2, 63, 64, 65, 127, 128, 200}) {
    INFO(count << " rows");
    OpenTable open;
    open.tx.run("CREATE TABLE t(k INTEGER PRIMARY KEY, s TEXT, n INTEGER) STRICT");
    std::vector<std::pair<std::int64_t, std::string>> rows;
    for (std::size_t i = 0; i < count; ++i) rows.emplace_back(i, "row " + std::to_string(i));
    for (int times = 0; times < 2; ++times)
      upsert.run(open.tx, std::span<const std::pair<std::int64_t, std::string>>(rows),
                 [](std::vector<Argument>& arguments, const std::pair<std::int64_t, std::string>& row) {
                   arguments.insert(arguments.end(), {row.first, row.second, 1});
                 });
    std::size_t found = 0;
    for (Query q = open.tx.query("SELECT k, s, n FROM t ORDER BY k"); q.next(); ++found) {
      REQUIRE(q.integer(0) == rows[found].first);
      REQUIRE(q.text(1) == rows[found].second);
      REQUIRE(q.integer(2) == 2);
    }
    CHECK(found == count);
  }
}
