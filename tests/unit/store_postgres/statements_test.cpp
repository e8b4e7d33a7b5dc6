// Prepared statements: kept by SQL and by the types of arguments, prepared once, and again where that failed.
#include "support.hpp"

using namespace nexus::store;
using namespace nexus::store::test;

namespace {

std::int64_t on_server(OpenLink& open) { return open.integer("SELECT count(*) FROM pg_prepared_statements"); }

const std::optional<std::string> kNoText;
const std::optional<std::int64_t> kNoInteger;

}  // namespace

TEST_CASE("a statement is prepared once, however often it runs") {
  OpenLink open;
  const auto before = on_server(open);
  for (int number = 0; number < 5; ++number) {
    Query query = open.tx.query("SELECT ?1 + 1", number);
    REQUIRE(query.next());
    CHECK(query.integer(0) == number + 1);
  }
  CHECK(on_server(open) == before + 1);
  CHECK(open.link.statements() == static_cast<std::size_t>(before) + 1);
}

TEST_CASE("an optional filter takes a value or NULL, in any order, of any type") {
  for (const bool null_first : {true, false}) {
    INFO("NULL first: " << null_first);
    OpenLink open;
    open.link.execute(
        "CREATE TEMP TABLE t (i bigint, s text, r double precision);"
        "INSERT INTO t VALUES (1, 'a', 0.5), (2, 'b', 1.5), (3, NULL, NULL)");
    const auto by_integer = [&](std::optional<std::int64_t> wanted) {
      return now(open.tx.run("UPDATE t SET i = i WHERE ?1 IS NULL OR i = ?1", wanted));
    };
    const auto by_text = [&](std::optional<std::string> wanted) {
      return now(open.tx.run("UPDATE t SET i = i WHERE ?1 IS NULL OR s = ?1", wanted));
    };
    const auto by_real = [&](std::optional<double> wanted) {
      return now(open.tx.run("UPDATE t SET i = i WHERE ?1 IS NULL OR r < ?1", wanted));
    };
    const auto with_null = [&] {
      CHECK(by_integer(std::nullopt) == 3);
      CHECK(by_text(std::nullopt) == 3);
      CHECK(by_real(std::nullopt) == 3);
    };
    if (null_first) with_null();
    CHECK(by_integer(2) == 1);
    CHECK(by_text("a") == 1);
    CHECK(by_real(1.0) == 1);
    with_null();
  }
}

TEST_CASE("NULL takes the statement that is there") {
  OpenLink open;
  open.link.execute("CREATE TEMP TABLE t (i bigint, s text)");
  const auto insert = [&](std::optional<std::int64_t> number, std::optional<std::string> text) {
    REQUIRE(open.tx.run("INSERT INTO t VALUES (?1, ?2)", number, text) == 1);
  };
  const auto before = open.link.statements();
  insert(1, "a");
  insert(2, std::nullopt);
  insert(std::nullopt, "b");
  insert(std::nullopt, std::nullopt);
  CHECK(open.link.statements() == before + 1);
  CHECK(open.integer("SELECT count(*) FROM t WHERE i IS NULL AND s IS NULL") == 1);
}

TEST_CASE("types that were learned make few statements of one SQL") {
  OpenLink open;
  open.link.execute("CREATE TEMP TABLE t (a bigint, b bigint, c bigint)");
  const auto before = open.link.statements();
  for (int bits = 0; bits < 8; ++bits) {
    const auto value = [&](int bit) { return (bits >> bit & 1) != 0 ? std::optional<int>(bit) : std::nullopt; };
    open.tx.run("INSERT INTO t VALUES (?1, ?2, ?3)", value(0), value(1), value(2));
  }
  CHECK(open.link.statements() <= before + 4);
  CHECK(open.integer("SELECT count(*) FROM t WHERE b IS NOT NULL") == 4);
}

TEST_CASE("a NULL that is only asked whether it is one needs no type") {
  OpenLink open;
  Query query = open.tx.query("SELECT ?1 IS NULL, ?2 IS NOT NULL, ?3 IS NULL", nullptr, kNoText, 1);
  REQUIRE(query.next());
  CHECK(query.boolean(0));
  CHECK_FALSE(query.boolean(1));
  CHECK_FALSE(query.boolean(2));
}

TEST_CASE("NULL alone selects NULL") {
  OpenLink open;
  Query query = open.tx.query("SELECT ?1, coalesce(?2, 5)", kNoInteger, kNoInteger);
  REQUIRE(query.next());
  CHECK(query.is_null(0));
  CHECK(query.integer(1) == 5);
}

TEST_CASE("an argument that the statement does not name is none") {
  OpenLink open;
  for (const std::optional<int> unnamed : {std::optional<int>(), std::optional<int>(1)}) {
    Query query = open.tx.query("SELECT ?1 + ?3", 1, unnamed, 2);
    REQUIRE(query.next());
    CHECK(query.integer(0) == 3);
  }
}

TEST_CASE("a wrong count of arguments is a fault of the program, and sends nothing") {
  OpenLink open;
  const auto trips = open.link.round_trips();
  CHECK_THROWS_AS(open.tx.query("SELECT ?1"), std::logic_error);
  CHECK_THROWS_AS(open.tx.query("SELECT ?1", 1, 2), std::logic_error);
  CHECK_THROWS_AS(open.session.run("SELECT ?1 + ?2", {}), std::logic_error);
  CHECK_THROWS_AS(open.tx.query(""), std::logic_error);
  CHECK(open.link.round_trips() == trips);
  Query query = open.tx.query("SELECT ?1", 1);
  REQUIRE(query.next());
  CHECK_THROWS_AS(open.tx.query("SELECT ?1"), std::logic_error);
}

TEST_CASE("a statement that could not be prepared is prepared again") {
  OpenLink open;
  const std::string sql = "SELECT count(*) FROM later";
  CHECK(failure_of([&] { open.tx.query(sql); }) == Failure::other);
  CHECK(failure_of([&] { open.tx.query(sql); }) == Failure::other);
  open.link.execute("CREATE TEMP TABLE later (i bigint)");
  CHECK(open.integer(sql) == 0);
}

TEST_CASE("a statement that was skipped after a failure is prepared again") {
  OpenLink open;
  open.session.run("SELECT 1 / (?1 - ?1)", std::array{Argument(1)});
  CHECK(failure_of([&] { open.tx.query("SELECT ?1 + 40", 2); }) == Failure::other);
  Query query = open.tx.query("SELECT ?1 + 40", 2);
  REQUIRE(query.next());
  CHECK(query.integer(0) == 42);
}

TEST_CASE("statements over the limit run, and are not kept") {
  OpenLink open;
  for (int number = 0; number < 1100; ++number) {
    const Argument arguments[] = {number};
    open.session.run("SELECT ?1 + " + std::to_string(number), arguments);
  }
  CHECK(open.integer("SELECT 5") == 5);
  CHECK(open.link.statements() == 1024);
  CHECK(on_server(open) == 1024);
  for (const int number : {3, 1099}) {
    Query query = open.tx.query("SELECT ?1 + " + std::to_string(number), 1);
    REQUIRE(query.next());
    CHECK(query.integer(0) == number + 1);
  }
}

TEST_CASE("SQLite's hint is no hindrance") {
  OpenLink open;
  open.link.execute("CREATE TEMP TABLE t (i bigint)");
  CHECK(open.integer("SELECT count(*) FROM t INDEXED BY t_by_i WHERE i IS NULL") == 0);
}
