// Sums of metrics at the end of a double's range, where PostgreSQL refuses what SQLite answers with an infinity.
#include "store/metrics.hpp"

#include <limits>

#include "databases.hpp"

using namespace nexus;
using namespace nexus::store;
using namespace nexus::store::test;

namespace {

constexpr double kMost = std::numeric_limits<double>::max();

/// The sum of the values, each added by a unit of its own.
double sum_after(PostgresDatabase& database, const std::string& metric, const std::vector<double>& values) {
  for (const double value : values) {
    const std::vector<MetricSample> samples{{.surface = std::nullopt, .metric = metric, .value = value, .at = 0}};
    const Result result = database.writer().run([&](Tx& tx) { add_metrics(tx, kDev, "usage", metric_rows(samples)); },
                                                Realms().add(kDev));
    CHECK(result.outcome == Outcome::applied);
  }
  return sum_of(read_window(database.read().reader(), kDev, "*", "usage", metric, {0, 23}));
}

}  // namespace

TEST_CASE("sums of metrics end at the largest double") {
  NewDatabase made;
  PostgresDatabase database(made.options());
  CHECK(sum_after(database, "up", {1.7e308, 1.7e308}) == kMost);
  CHECK(sum_after(database, "down", {-1.7e308, -1.7e308, -1.7e308}) == -kMost);
  CHECK(sum_after(database, "most", {kMost, kMost}) == kMost);
  CHECK(sum_after(database, "back", {1.7e308, -1.7e308}) == 0);
  CHECK(sum_after(database, "beside", {1e16, 1, 1}) == 1e16 + 2);
  CHECK(sum_after(database, "least", {2.2250738585072014e-308, -2.225073858507202e-308, 1}) == 1);
}
