// Which failures of PostgreSQL lead to which answer.
#include "store/postgres/sqlstate.hpp"
#include "tests/catch.hpp"

using namespace nexus::store;

TEST_CASE("a SQLSTATE has the class that callers branch on") {
  CHECK(classify_sqlstate("23505") == Failure::constraint);
  CHECK(classify_sqlstate("23503") == Failure::constraint);
  CHECK(classify_sqlstate("40001") == Failure::busy);
  CHECK(classify_sqlstate("40P01") == Failure::busy);
  CHECK(classify_sqlstate("55P03") == Failure::busy);
  CHECK(classify_sqlstate("53300") == Failure::busy);
  CHECK(classify_sqlstate("53100") == Failure::full);
  CHECK(classify_sqlstate("53200") == Failure::no_memory);
  CHECK(classify_sqlstate("57014") == Failure::interrupted);
  CHECK(classify_sqlstate("57P01") == Failure::unreachable);
  CHECK(classify_sqlstate("57P03") == Failure::unreachable);
  CHECK(classify_sqlstate("25P03") == Failure::unreachable);
  CHECK(classify_sqlstate("08006") == Failure::unreachable);
  CHECK(classify_sqlstate("25006") == Failure::read_only);
  CHECK(classify_sqlstate("58030") == Failure::io);
  CHECK(classify_sqlstate("XX001") == Failure::corrupt);
  CHECK(classify_sqlstate("42601") == Failure::other);
  CHECK(classify_sqlstate("25P02") == Failure::other);
  CHECK(classify_sqlstate("") == Failure::other);
}

TEST_CASE("the new failure has its name") {
  CHECK(to_string(Failure::unreachable) == "unreachable");
  CHECK(to_string(Failure::other) == "other");
}
