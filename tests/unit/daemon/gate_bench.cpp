// How long a whole decision takes with much history behind it: printed, not judged. Hidden; run it with [.bench].
#include <stdlib.h>

#include <cstdio>
#include <ctime>
#include <filesystem>

#include "daemon/gates/chain.hpp"
#include "store/budget.hpp"
#include "store/kpi.hpp"
#include "store/sqlite/connection.hpp"
#include "store/sqlite/migrations.hpp"
#include "store/temperature.hpp"
#include "tests/catch.hpp"

namespace nexus::gates {
namespace {

constexpr Micros kNow = 20'000 * kDay + 11 * kHour;

struct Directory {
  std::filesystem::path path;
  Directory() {
    std::string name = (std::filesystem::temp_directory_path() / "nexus-gates-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path = name;
  }
  ~Directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
};

void configure(store::Tx& tx) {
  for (const char* surface : {"cards", "*"}) {
    store::BudgetPolicy policy;
    policy.tenant_id = "t_a";
    policy.env = "dev";
    policy.surface = surface;
    policy.threshold_micros = 1'000'000'000'000'000;
    policy.currency = "USD";
    policy.window_days = 30;
    store::put_budget_policy(tx, policy);
  }
  store::put_kpi(tx, {"t_a", "dev", "conversion", std::nullopt, std::nullopt, "mean", 1, "u"});
  store::put_corridor(tx, {"t_a", "dev", "cards", "conversion", -1.0, 1e9, 7, true, 1, "u", {}});
  store::replace_bounds(tx, "t_a", "dev", "cards", "performance_floor", {{"views", -1}});
}

/// `count` events over the last 90 days, in batches as clients send them.
void fill(store::Tx& tx, int count) {
  std::vector<store::UsageEvent> events(1000);
  std::vector<store::MetricSample> views(1000), observations(1000);
  for (int done = 0; done < count; done += 1000) {
    for (int i = 0; i < 1000; ++i) {
      const Micros at = kNow - 90 * kDay / count * (done + i);
      auto& event = events[static_cast<std::size_t>(i)];
      event.tenant_id = "t_a";
      event.env = "dev";
      event.usage_id = std::to_string(done + i);
      event.surface = "cards";
      event.provider = "openai";
      event.cost_micros = 1;
      event.currency = "USD";
      event.occurred_at = at;
      views[static_cast<std::size_t>(i)] = {"cards", "views", 1, at};
      observations[static_cast<std::size_t>(i)] = {"cards", "conversion", 1, at};
    }
    store::insert_usage(tx, events);
    store::add_metrics(tx, "t_a", "dev", "usage", views);
    store::add_metrics(tx, "t_a", "dev", "kpi", observations);
  }
}

double micros_a_decision(const store::Reader& reader) {
  Caller caller;
  caller.actor_type = "human";
  caller.tenant_id = TenantId::parse("t_a");
  caller.env_id = Env::dev;
  const Question question{.caller = caller,
                          .action = "card_create",
                          .surface = "cards",
                          .policy = Policy::full,
                          .now = kNow,
                          .strict = false};
  constexpr int rounds = 20'000;
  std::size_t passed = 0;
  const std::clock_t start = std::clock();  // the processor's time: whatever else runs
  for (int i = 0; i < rounds; ++i) passed += decide(reader, question).blocked() == nullptr ? 1 : 0;
  const double took = 1e6 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  CHECK(passed == rounds);
  return took / rounds;
}

TEST_CASE("a decision with much history behind it", "[.bench]") {
  for (const int count : {1000, 100'000, 1'000'000}) {
    const Directory directory;
    store::Connection connection{store::ConnectionOptions{.path = directory.path / "nexus.db"}};
    store::migrate(connection, store::embedded_migrations());
    store::Tx tx(connection);
    tx.run("BEGIN");
    configure(tx);
    fill(tx, count);
    std::printf("a decision of all gates, %d usage rows behind it: %.2f us\n", count, micros_a_decision(tx));
    tx.run("COMMIT");
  }
}

}  // namespace
}  // namespace nexus::gates
