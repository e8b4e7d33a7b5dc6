// Amounts without floating point, pairs of names and numbers, and the plot.
#include "cli/commands/measures.hpp"

#include "cli/engine/failure.hpp"
#include "cli/engine/output.hpp"
#include "tests/catch.hpp"

using namespace nexus::cli;

TEST_CASE("amounts become whole micro-units") {
  CHECK(micros_of("--cost", "0") == 0);
  CHECK(micros_of("--cost", "25") == 25'000'000);
  CHECK(micros_of("--cost", "0.125") == 125'000);
  CHECK(micros_of("--cost", "0.000001") == 1);
  CHECK(micros_of("--cost", "9999999999.999999") == 9'999'999'999'999'999);
  for (const char* wrong : {"", ".", ".5", "5.", "-1", "+1", "1e3", "1,5", "0.1234567", "10000000000", "1.2.3"}) {
    INFO(wrong);
    CHECK_THROWS_AS(micros_of("--cost", wrong), Failure);
  }
}

TEST_CASE("pairs of names and numbers become an object") {
  CHECK(numbers_of("--weight", {"views=1.5", "a=b=-2"}).size() == 2);
  CHECK(numbers_of("--weight", {"views=1.5"})["views"] == 1.5);
  for (const char* wrong : {"views", "=1", "views=", "views=x", "views=inf", "views=1 "}) {
    INFO(wrong);
    CHECK_THROWS_AS(numbers_of("--weight", {wrong}), Failure);
  }
}

TEST_CASE("a plot draws each point from zero") {
  CHECK(plot({}, 10).empty());
  CHECK(plot({{"a", 0, false}, {"bb", 9, true}}, 10) == "a   0   |\nbb  9 ! |#########\n");
  CHECK(plot({{"a", -9, false}, {"b", 0, false}}, 10) == "a  -9   #########|\nb   0            |\n");
  CHECK(plot({{"a", 1.7e308, false}, {"b", -1.7e308, false}}, 3).size() > 10);
}
