// Values into statements and out of rows, through the server.
#include <cmath>
#include <limits>

#include "support.hpp"

using namespace nexus::store;
using namespace nexus::store::test;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("every kind of value comes back from PostgreSQL as it went in") {
  OpenLink open;
  open.link.execute("CREATE TEMP TABLE t (i bigint, r double precision, s text, n text)");
  const std::optional<std::string> nothing;
  const std::string text = "é 🎈 \n\t'\"\\x41 \x01";
  REQUIRE(open.tx.run("INSERT INTO t VALUES (?1, ?2, ?3, ?4)", INT64_MIN, 0.1, text, nothing) == 1);
  REQUIRE(open.tx.run("INSERT INTO t VALUES (?1, ?2, ?3, ?4)", INT64_MAX, -5e-324, "", nothing) == 1);

  Query query = open.tx.query("SELECT i, r, s, n FROM t ORDER BY i");
  REQUIRE(query.next());
  CHECK(query.integer(0) == INT64_MIN);
  CHECK(query.real(1) == 0.1);
  CHECK(query.text(2) == text);
  CHECK(query.is_null(3));
  CHECK(query.text(3).empty());
  CHECK(query.integer(3) == 0);
  CHECK(query.real(3) == 0.0);
  CHECK_FALSE(query.optional_text(3));
  REQUIRE(query.next());
  CHECK(query.integer(0) == INT64_MAX);
  CHECK(query.real(1) == -5e-324);
  CHECK(query.optional_text(2) == "");
  CHECK_FALSE(query.next());
  CHECK_FALSE(query.next());
}

TEST_CASE("a text of 16 MiB goes there and back") {
  OpenLink open;
  std::string text(std::size_t{16} << 20, 'x');
  for (std::size_t index = 0; index < text.size(); index += 4099) text[index] = static_cast<char>('a' + index % 26);
  Query query = open.tx.query("SELECT ?1, length(?1)", text);
  REQUIRE(query.next());
  CHECK((query.text_view(0) == text));
  CHECK(query.integer(1) == 16 << 20);
}

TEST_CASE("a text with U+0000 is refused before anything is sent") {
  OpenLink open;
  const auto trips = open.link.round_trips();
  CHECK_THROWS_WITH(open.tx.query("SELECT ?1", std::string("a\0b", 3)), ContainsSubstring("U+0000"));
  const std::string nul(1, '\0');
  const Argument arguments[] = {nul};
  CHECK_THROWS_AS(open.session.run("SELECT ?1", arguments), std::logic_error);
  CHECK(open.link.round_trips() == trips);
  CHECK(open.integer("SELECT 7") == 7);
}

TEST_CASE("a Pointer is for SQLite alone") {
  OpenLink open;
  int object = 0;
  CHECK_THROWS_AS(open.tx.query("SELECT ?1", Pointer{&object, "int"}), std::logic_error);
}

TEST_CASE("columns of all types that the store uses are read") {
  OpenLink open;
  Query query = open.tx.query(
      "SELECT 1::smallint, -2::int, true, false, 12345678901234567890123.5::numeric, 1.5::real, 'a'::varchar(3), "
      "'{\"b\": 1}'::json, pg_advisory_lock_shared(1), 'c'::name, 3::numeric, -0.0625::numeric");
  REQUIRE(query.next());
  CHECK(query.integer(0) == 1);
  CHECK(query.integer(1) == -2);
  CHECK(query.boolean(2));
  CHECK_FALSE(query.boolean(3));
  CHECK(query.real(4) == 12345678901234567890123.5);
  CHECK(query.real(5) == 1.5);
  CHECK(query.text(6) == "a");
  CHECK(query.text(7) == "{\"b\": 1}");
  CHECK(query.text(8).empty());
  CHECK(query.text(9) == "c");
  CHECK(query.real(10) == 3.0);
  CHECK(query.real(11) == -0.0625);
  CHECK(query.real(1) == -2.0);
}

TEST_CASE("sums of integers are integers, whatever type PostgreSQL gives them") {
  OpenLink open;
  const std::int64_t numbers[] = {
      0, 1, -1, 9999, 10000, 10001, 100000000, -99990000, 1234567890123456789, INT64_MAX, INT64_MIN};
  for (const std::int64_t number : numbers) {
    INFO(number);
    Query query = open.tx.query("SELECT sum(x), ?1::bigint::numeric(40, 3) FROM (VALUES (?1::bigint)) AS v(x)", number);
    REQUIRE(query.next());
    CHECK(query.integer(0) == number);
    CHECK(query.integer(1) == number);
    CHECK(query.real(0) == static_cast<double>(number));
  }
}

TEST_CASE("a numeric that is no integer is an error, not another number") {
  OpenLink open;
  for (const char* value : {"0.5", "-10000.0001", "9223372036854775808", "-9223372036854775809", "1e30", "'NaN'"}) {
    INFO(value);
    Query query = open.tx.query("SELECT " + std::string(value) + "::numeric");
    REQUIRE(query.next());
    CHECK_THROWS_AS(query.integer(0), Error);
  }
}

TEST_CASE("a numeric is read as the nearest double") {
  OpenLink open;
  for (const char* value : {"0.1", "-123.456", "1e300", "-1e-300", "4.35", "99999999999999999.5", "0", "1e-7"}) {
    INFO(value);
    Query query = open.tx.query("SELECT " + std::string(value) + "::numeric");
    REQUIRE(query.next());
    CHECK(query.real(0) == std::strtod(value, nullptr));
  }
  Query query = open.tx.query("SELECT 'NaN'::numeric, '-Infinity'::numeric, 1e400::numeric, 'Infinity'::float8");
  REQUIRE(query.next());
  CHECK(std::isnan(query.real(0)));
  CHECK(query.real(1) == -std::numeric_limits<double>::infinity());
  CHECK(query.real(2) == std::numeric_limits<double>::infinity());
  CHECK(query.real(3) == std::numeric_limits<double>::infinity());
}

TEST_CASE("a column of another type than asked for is a fault of the program") {
  OpenLink open;
  Query query = open.tx.query("SELECT 'a', 1, now(), 1.5::float8");
  CHECK_THROWS_AS(query.integer(1), std::logic_error);  // before the first row
  REQUIRE(query.next());
  CHECK_THROWS_AS(query.integer(0), std::logic_error);
  CHECK_THROWS_AS(query.real(0), std::logic_error);
  CHECK_THROWS_AS(query.text(1), std::logic_error);
  CHECK_THROWS_AS(query.text(2), std::logic_error);
  CHECK_THROWS_AS(query.integer(3), std::logic_error);
  CHECK_THROWS_AS(query.integer(4), std::logic_error);
  CHECK_THROWS_AS(query.is_null(-1), std::logic_error);
}

TEST_CASE("infinite and strange doubles come back bit for bit") {
  OpenLink open;
  Query query = open.tx.query("SELECT ?1, ?2, ?3", std::numeric_limits<double>::infinity(), -0.0, std::nan(""));
  REQUIRE(query.next());
  CHECK(query.real(0) == std::numeric_limits<double>::infinity());
  CHECK(std::signbit(query.real(1)));
  CHECK(std::isnan(query.real(2)));
}
