// Windows of rollups: the rows that add up to the current hour and the N·24 before it; and the rollups themselves, at
// the boundaries of hour, day and window.
#include "store/rollups.hpp"

#include <limits>

#include "store/budget.hpp"
#include "store/metrics.hpp"
#include "store/model_rows.hpp"
#include "support.hpp"
#include "tests/catch.hpp"

namespace nexus::store::test {
namespace {

constexpr std::int64_t kDay0 = 20'000;  // some UTC day
constexpr Micros at_hour(std::int64_t day, std::int64_t hour) { return day * kDay + hour * kHour; }

std::int64_t length(Span span) { return span.last < span.first ? 0 : span.last - span.first + 1; }

struct Store {
  Scratch scratch;
  Connection connection{ConnectionOptions{.path = scratch.database()}};
  Tx tx{connection};
  Store() { migrate(connection, embedded_migrations()); }

  void use(const std::string& id, std::optional<std::string> surface, std::int64_t cost, Micros at) {
    UsageEvent event;
    event.tenant_id = "t_a";
    event.env = "dev";
    event.usage_id = id;
    event.provider = "openai";
    event.currency = "USD";
    event.surface = std::move(surface);
    event.cost_micros = cost;
    event.occurred_at = at;
    insert_usage(tx, std::span(&event, 1), usage_rollups(std::span(&event, 1), {}));
  }
  std::int64_t cost(const std::string& surface, Micros now, int days, const std::string& tenant = "t_a") {
    return read_cost(tx, {.tenant = tenant, .env = "dev"}, surface, window_hours(now, days)).cost_micros;
  }
  MetricTotals metric(const std::string& surface, Micros now, int days) {
    return read_window(tx, {.tenant = "t_a", .env = "dev"}, surface, "kpi", "views", window_hours(now, days));
  }
  /// The rows that `sql` makes texts of.
  std::string rollups(const std::string& sql) {
    std::string text;
    for (Query q = tx.query(sql); q.next();) text += q.text(0) + "\n";
    return text;
  }
  void observe(std::optional<std::string> surface, double value, Micros at) {
    const MetricSample sample{std::move(surface), "views", value, at};
    add_metrics(tx, {.tenant = "t_a", .env = "dev"}, "kpi", metric_rows(std::span(&sample, 1)));
  }
};

}  // namespace

TEST_CASE("a window is the current hour and the N times 24 before it") {
  CHECK(window_hours(at_hour(kDay0, 5), 1) == Span{kDay0 * 24 - 19, kDay0 * 24 + 5});
  CHECK(window_hours(at_hour(kDay0, 5) + kHour - 1, 1) == window_hours(at_hour(kDay0, 5), 1));
  CHECK(length(window_hours(at_hour(kDay0, 0), 90)) == 90 * 24 + 1);
  CHECK(window_start(window_hours(at_hour(kDay0, 5), 7)) == at_hour(kDay0 - 7, 5));
}

TEST_CASE("rows of a window cover each of its hours once, in at most 90 days and 47 hours") {
  for (const int days : {1, 2, 7, 30, 90})
    for (std::int64_t hour = 0; hour < 24; ++hour) {
      INFO(days << " days at hour " << hour);
      const Span hours = window_hours(at_hour(kDay0, hour), days);
      const WindowRows rows = rows_of(hours);
      CHECK(length(rows.days) <= 90);
      CHECK(length(rows.hours_before) + length(rows.hours_after) <= 47);
      CHECK(length(rows.hours_before) + 24 * length(rows.days) + length(rows.hours_after) == length(hours));
      std::int64_t next = hours.first;
      for (const Span span :
           {rows.hours_before, Span{rows.days.first * 24, rows.days.last * 24 + 23}, rows.hours_after}) {
        if (length(span) <= 0) continue;
        CHECK(span.first == next);
        next = span.last + 1;
      }
      CHECK(next == hours.last + 1);
    }
}

TEST_CASE("cost counts for its surface and for all, and without a surface for all alone") {
  Store store;
  const Micros now = at_hour(kDay0, 12);
  store.use("a", "cards", 5, now);
  store.use("b", "cards", 7, now - kHour);
  store.use("c", std::nullopt, 11, now);
  CHECK(store.cost("cards", now, 1) == 12);
  CHECK(store.cost("*", now, 1) == 23);
  CHECK(store.cost("chat", now, 1) == 0);
  CHECK(store.cost("*", now, 1, "t_b") == 0);
}

TEST_CASE("cost enters and leaves a window at the hour") {
  Store store;
  const Micros now = at_hour(kDay0, 12) + 30 * kMinute;
  store.use("oldest inside", "cards", 1, at_hour(kDay0 - 1, 12));
  store.use("youngest outside", "cards", 10, at_hour(kDay0 - 1, 12) - 1);
  store.use("end of this hour", "cards", 100, at_hour(kDay0, 13) - 1);
  store.use("next hour", "cards", 1000, at_hour(kDay0, 13));
  CHECK(store.cost("cards", now, 1) == 101);
  CHECK(store.cost("cards", at_hour(kDay0, 13), 1) == 1100);
  CHECK(store.cost("cards", now, 2) == 111);
}

TEST_CASE("cost enters and leaves a window at the day") {
  Store store;
  store.use("last of the day", "cards", 1, at_hour(kDay0, 24) - 1);
  store.use("first of the next", "cards", 10, at_hour(kDay0 + 1, 0));
  CHECK(store.cost("cards", at_hour(kDay0, 23), 1) == 1);
  CHECK(store.cost("cards", at_hour(kDay0 + 1, 0), 1) == 11);
  CHECK(store.cost("cards", at_hour(kDay0 + 1, 23), 1) == 11);
  CHECK(store.cost("cards", at_hour(kDay0 + 2, 0), 1) == 10);
  CHECK(store.cost("cards", at_hour(kDay0 + 2, 1), 1) == 0);
  CHECK(store.cost("cards", at_hour(kDay0 + 90, 23), 90) == 11);
  CHECK(store.cost("cards", at_hour(kDay0 + 91, 0), 90) == 10);
}

TEST_CASE("cost is grouped by its dimensions, dearest first") {
  Store store;
  const Micros now = at_hour(kDay0, 12);
  store.use("a", "cards", 5, now);
  store.use("b", "chat", 50, now - kDay);
  store.use("c", std::nullopt, 7, now);
  const auto groups = group_cost(store.tx, {.tenant = "t_a", .env = "dev"}, "*", "surface", window_hours(now, 7), 10);
  REQUIRE(groups.size() == 3);
  CHECK(groups[0].key == "chat");
  CHECK(groups[1].key.empty());
  CHECK(groups[2].totals.cost_micros == 5);
  CHECK(group_cost(store.tx, {.tenant = "t_a", .env = "dev"}, "*", "provider", window_hours(now, 7), 10)
            .at(0)
            .totals.count == 3);
  CHECK(group_cost(store.tx, {.tenant = "t_a", .env = "dev"}, "*", "surface", window_hours(now, 7), 1).size() == 1);
}

TEST_CASE("a rollup of cost saturates instead of overflowing") {
  Store store;
  const Micros now = at_hour(kDay0, 12);
  for (int i = 0; i < 60; ++i) store.use("u" + std::to_string(i), "cards", 1'000'000'000'000'000, now);
  CHECK(store.cost("cards", now, 1) == kRollupCostMax);
}

constexpr const char* kCostRows =
    "SELECT surface || ' ' || dimension || ' ' || span || ' ' || start || ' ' || key || ' ' || cost_micros || ' ' || "
    "count FROM budget_rollups ORDER BY 1";
constexpr const char* kMetricRows =
    "SELECT surface || ' ' || source || ' ' || metric || ' ' || span || ' ' || start || ' ' || (sum + sum_rest) || ' ' "
    "|| count || ' ' || last || ' ' || last_at FROM metric_rollups ORDER BY 1";

/// The i-th of a mix of events: three surfaces and none, providers, models, tools and times over three days.
UsageEvent mixed_event(int i) {
  const auto some = [](std::string text, bool is) { return is ? std::optional(std::move(text)) : std::nullopt; };
  UsageEvent event;
  event.tenant_id = "t_a";
  event.env = "dev";
  event.usage_id = "u" + std::to_string(100 + i);
  event.surface = some("s" + std::to_string(i % 3), i % 4 != 0);
  event.provider = "p" + std::to_string(i % 2);
  event.model_or_plan_id = some("m" + std::to_string(i % 5), i % 3 != 0);
  event.tool_type = some("t", i % 7 == 0);
  event.cost_micros = i == 5 ? 1'000'000'000'000'000 : i * 1'000'003;
  event.currency = "USD";
  event.metadata = i % 2 == 0 ? R"({"views":)" + std::to_string(i) + R"(,"note":"x"})" : "{}";
  event.occurred_at = at_hour(kDay0, 0) + (i * 7 % 60) * kHour;
  return event;
}

std::vector<MetricSample> numbers_of_mixed(const UsageEvent& event, int i) {
  if (i % 2 != 0) return {};
  return {{event.surface, "views", static_cast<double>(i), event.occurred_at}};
}

void record_mixed(Store& store, int i) {
  const UsageEvent event = mixed_event(i);
  insert_usage(store.tx, std::span(&event, 1), usage_rollups(std::span(&event, 1), numbers_of_mixed(event, i)));
}

TEST_CASE("voided usage leaves the rollups as if it had never been recorded") {
  Store voided, never;
  for (int i = 0; i < 60; ++i) record_mixed(voided, i);
  for (int i = 0; i < 60; ++i) {
    if (i % 3 != 2) {
      record_mixed(never, i);
      continue;
    }
    UsageEvent event = mixed_event(i);
    event.voided_at = at_hour(kDay0 + 3, 0);
    void_usage(voided.tx, event, numbers_of_mixed(event, i));
  }
  CHECK(voided.rollups(kCostRows) == never.rollups(kCostRows));
  CHECK(voided.rollups(kMetricRows) == never.rollups(kMetricRows));
  CHECK_FALSE(never.rollups(kMetricRows).empty());
}

TEST_CASE("a saturated rollup tells the truth again once enough of it is voided") {
  Store store;
  const Micros now = at_hour(kDay0, 12);
  for (int i = 0; i < 60; ++i) store.use("u" + std::to_string(i), "cards", 1'000'000'000'000'000, now);
  for (int i = 0; i < 58; ++i) {
    UsageEvent event = *find_row<budget::kUsage>(store.tx, "t_a", "dev", "u" + std::to_string(i));
    event.voided_at = now;
    void_usage(store.tx, event, {});
  }
  CHECK(store.cost("cards", now, 1) == 2'000'000'000'000'000);
}

TEST_CASE("metrics are summed, counted, and the last one is that with the latest time") {
  Store store;
  const Micros now = at_hour(kDay0, 12);
  store.observe("cards", 3, now - kDay);
  store.observe("cards", 4, now);
  store.observe("cards", 5, now - kMinute);
  store.observe(std::nullopt, 100, now - kDay * 3);
  const auto totals = store.metric("cards", now, 7);
  CHECK(totals.sum == 12);
  CHECK(totals.count == 3);
  CHECK(totals.last == 4);
  CHECK(totals.last_at == now);
  CHECK(store.metric("*", now, 7).sum == 112);
  CHECK(store.metric("*", now, 1).sum == 12);
  CHECK(store.metric("chat", now, 7).count == 0);
  store.observe("cards", 6, now);  // of two with one time, the one written later
  CHECK(store.metric("cards", now, 7).last == 6);
}

TEST_CASE("a sum of metrics stays within a double") {
  Store store;
  const Micros now = at_hour(kDay0, 12);
  for (int i = 0; i < 3; ++i) store.observe("cards", 1.7e308, now - i * kHour);
  const double sum = store.metric("cards", now, 1).sum;
  CHECK(sum > 1.7e308);
  CHECK(sum < std::numeric_limits<double>::infinity());
}

TEST_CASE("small values beside a large one are not lost from a sum") {
  Store store;
  const Micros now = at_hour(kDay0, 12);
  store.observe("cards", 1e16, now - kHour);
  for (int i = 0; i < 10; ++i) store.observe("cards", 0.5, now - kHour);
  store.observe("cards", 0.5, now);
  CHECK(sum_of(store.metric("cards", now, 1)) - 1e16 == 6);  // 5.5, to the nearest double; 0 without the rest
  store.observe("cards", -1e16, now);
  CHECK(sum_of(store.metric("cards", now, 1)) == 5.5);
  CHECK(aggregated(store.metric("cards", now, 1), "sum") == 5.5);
}

}  // namespace nexus::store::test
