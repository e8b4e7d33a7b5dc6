// libpq, where it is missing or too old.
#include "store/postgres/libpq.hpp"

#include "store/error.hpp"
#include "tests/catch.hpp"

using namespace nexus::store;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("without libpq, one line tells which package to install") {
  try {
    load_libpq("/nowhere/libpq.so.5");
    FAIL("a library that is not there");
  } catch (const SchemaError& error) {
    CHECK_THAT(error.what(), ContainsSubstring("/nowhere/libpq.so.5"));
    CHECK_THAT(error.what(), ContainsSubstring("install the package libpq5"));
    CHECK_THAT(error.what(), !ContainsSubstring("\n"));
  }
}

TEST_CASE("a library that lacks a function is refused, and the function is named") {
  CHECK_THROWS_WITH(load_libpq("libc.so.6"), ContainsSubstring("libc.so.6 has no PQ"));
}

TEST_CASE("libpq is loaded once") {
  CHECK(libpq().PQconnectdbParams != nullptr);
  CHECK(&libpq() == &libpq());
}
