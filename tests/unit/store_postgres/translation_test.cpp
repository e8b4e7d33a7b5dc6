// Statements of the store in PostgreSQL's spelling.
#include "store/postgres/translation.hpp"

#include <stdexcept>

#include "tests/catch.hpp"

using namespace nexus::store;

TEST_CASE("parameters are renamed, and nothing else is touched") {
  CHECK(translate("SELECT a FROM b WHERE c = ?1 AND d > ?12").sql == "SELECT a FROM b WHERE c = $1 AND d > $12");
  CHECK(translate("VALUES(?2,?1,?2)").sql == "VALUES($2,$1,$2)");
  CHECK(translate("SELECT é FROM \"ü?1\"").sql == "SELECT é FROM \"ü?1\"");
}

TEST_CASE("quoted texts, quoted names and comments stay as they are") {
  for (const std::string sql :
       {"SELECT '?1'", "SELECT 'it''s ?1', 'INDEXED BY x'", "SELECT \"a?1\"\"?2\"", "SELECT 1 -- ?1 ' INDEXED BY x\n",
        "SELECT /* ?1 \" INDEXED BY x */ 1", "SELECT '-- ?1'", "SELECT 1 -- ?1", "SELECT 'open ?1"}) {
    INFO(sql);
    CHECK(translate(sql).sql == sql);
    CHECK(translate(sql).parameters == 0);
  }
  CHECK(translate("SELECT '''', ?1, '--', ?2 /* ' */, ?3").sql == "SELECT '''', $1, '--', $2 /* ' */, $3");
  CHECK(translate("SELECT 1 -- it's\n, ?1").sql == "SELECT 1 -- it's\n, $1");
}

TEST_CASE("SQLite's hint is dropped with its index") {
  CHECK(translate("SELECT a FROM t INDEXED BY t_by_a WHERE a = ?1").sql == "SELECT a FROM t  WHERE a = $1");
  CHECK(translate("SELECT a FROM t INDEXED\n  BY t_by_a").sql == "SELECT a FROM t ");
  CHECK(translate("SELECT INDEXED, NOT_INDEXED BY x").sql == "SELECT INDEXED, NOT_INDEXED BY x");
}

TEST_CASE("parameters are counted to the highest") {
  CHECK(translate("SELECT 1").parameters == 0);
  CHECK(translate("SELECT ?2").parameters == 2);
  CHECK(translate("SELECT ?1, ?3, ?1").parameters == 3);
}

TEST_CASE("a parameter may be written as NULL") {
  const std::vector<bool> second = {false, true, false};
  CHECK(translate("SELECT ?2 IS NULL OR x = ?2, '?2', ?1, ?3, ?22", second).sql ==
        "SELECT NULL IS NULL OR x = NULL, '?2', $1, $3, $22");
  CHECK(translate("SELECT ?2", second).parameters == 2);
}

TEST_CASE("what no engine can run is a fault of the program") {
  for (const char* sql : {"", " \n\t", "SELECT ?", "SELECT ?0", "SELECT ?a", "SELECT ?65536", "SELECT ?99999999999"}) {
    INFO(sql);
    CHECK_THROWS_AS(translate(sql), std::logic_error);
  }
  CHECK(translate("SELECT ?65535").parameters == 65535);
}
