#include "tests/bench/decision.hpp"

#include <ctime>
#include <stdexcept>

#include "daemon/gates/chain.hpp"
#include "daemon/strategy_locks/lock.hpp"
#include "store/budget.hpp"
#include "store/gates.hpp"
#include "store/metrics.hpp"
#include "store/model_rows.hpp"
#include "store/sqlite/connection.hpp"
#include "store/sqlite/migrations.hpp"

namespace nexus::bench {
namespace {

constexpr Micros kNow = 20'000 * kDay + 11 * kHour;
constexpr const char* kTenant = "t_a";
constexpr const char* kEnv = "prod";

void configure_lock(store::Tx& tx) {
  store::insert_row<three_wise::kQuestion>(
      tx, {kTenant, kEnv, "question", "Shall we?", std::nullopt, std::nullopt, 1, "u"});
  for (const char* user : {"u_1", "u_2", "u_3"})
    store::insert_row<three_wise::kOpinion>(tx, {kTenant, kEnv, "question", user, "APPROVE", "yes", 1});
  strategy_locks::Lock lock;
  lock.tenant_id = kTenant;
  lock.env = kEnv;
  lock.lock_id = "lock";
  lock.surface = "cards";
  lock.scope = "other";
  lock.title = "plan";
  lock.constraints = "{}";
  lock.allowed_actions = {"*"};
  lock.three_wise_id = "question";
  lock.status = "approved";
  store::insert_row<strategy_locks::kLock>(tx, lock);
}

void configure(store::Tx& tx) {
  configure_lock(tx);
  store::put_declared_level(tx, {.tenant = kTenant, .env = kEnv}, "card_create", store::Level::medium, 1, "u");
  store::Licence licence;
  licence.tenant_id = kTenant;
  licence.env = kEnv;
  licence.licence_id = "licence";
  licence.subject_type = "user";
  licence.subject_id = "u_ann";
  licence.level = "high";
  store::insert_row<firearms::kLicence>(tx, licence);
  for (const char* surface : {"cards", "*"})
    store::put_row<budget::kPolicy>(tx, {kTenant, kEnv, surface, 1'000'000'000'000'000, "USD", 30, 1, "u"});
  store::put_row<kpi::kDefinition>(tx, {kTenant, kEnv, "conversion", std::nullopt, std::nullopt, "mean", 1, "u"});
  store::put_row<kpi::kCorridor>(tx, {kTenant, kEnv, "cards", "conversion", -1.0, 1e9, 7, true, 1, "u", {}});
  store::replace_bounds(tx, {.tenant = kTenant, .env = kEnv}, "cards", "performance_floor", {{"conversion", -1}});
  store::replace_bounds(tx, {.tenant = kTenant, .env = kEnv}, "cards", "ceiling", {{"views", 1e15}});
  store::replace_bounds(tx, {.tenant = kTenant, .env = kEnv}, "cards", "weight", {{"views", 1}, {"conversion", 2}});
}

void add_hour(store::Tx& tx, std::int64_t hour, std::int64_t count, Micros last_at) {
  tx.run(
      "INSERT INTO budget_rollups SELECT ?1, ?2, s.column1, d.column1, 'hour', ?3, d.column2, ?4, ?4 "
      "FROM (VALUES ('cards'), ('*')) s CROSS JOIN (VALUES ('', ''), ('provider', 'openai')) d",
      kTenant, kEnv, hour, count);
  tx.run(
      "INSERT INTO metric_rollups "
      "SELECT ?1, ?2, s.column1, m.column1, m.column2, 'hour', ?3, total(?4), ?4, 1.0, ?5, 0 FROM (VALUES ('cards'), "
      "('*')) s CROSS JOIN (VALUES ('usage', 'views'), ('kpi', 'conversion')) m "
      "GROUP BY s.column1, m.column1, m.column2",
      kTenant, kEnv, hour, count, last_at);
}

/// Straight into the tables, for the sake of time; what `store/` would have written, row for row.
void fill(store::Tx& tx, std::int64_t rows) {
  constexpr const char* events =
      "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?1) "
      "INSERT INTO usage_events SELECT ?2, ?3, printf('%012x', i), 'cards', NULL, NULL, 'openai', NULL, 0, 0, 1, "
      "'USD', "
      "'{\"views\":1}', ?4 - 90 * ?5 + 90 * ?5 / ?1 * (i + 1), 0, 'u', 1, NULL, NULL, NULL FROM n";
  tx.run(events, rows, kTenant, kEnv, kNow, kDay);
  constexpr const char* observations =
      "INSERT INTO kpi_observations SELECT tenant_id, env, usage_id, 'conversion', surface, 1.0, occurred_at, 0, 'u', "
      "NULL, NULL, NULL "
      "FROM usage_events";
  tx.run(observations);
  // Hour by hour along the index of times: one sort of all rows would take gigabytes.
  for (std::int64_t hour = store::hour_of(kNow) - 90 * 24 - 1; hour <= store::hour_of(kNow); ++hour) {
    auto sums = tx.query(
        "SELECT count(*), max(occurred_at) FROM usage_events WHERE tenant_id = ?1 AND env = ?2 "
        "AND occurred_at >= ?3 AND occurred_at < ?4",
        kTenant, kEnv, hour * kHour, (hour + 1) * kHour);
    if (sums.next() && sums.integer(0) > 0) add_hour(tx, hour, sums.integer(0), sums.integer(1));
  }
  for (const char* days : {
           "INSERT INTO budget_rollups SELECT tenant_id, env, surface, dimension, 'day', start / 24, key, "
           "sum(cost_micros), sum(count) FROM budget_rollups GROUP BY surface, dimension, start / 24, key",
           "INSERT INTO metric_rollups SELECT tenant_id, env, surface, source, metric, 'day', start / 24, total(sum), "
           "sum(count), last, max(last_at), 0 FROM metric_rollups GROUP BY surface, source, metric, start / 24",
       })
    tx.run(days);
  store::mark_measures(tx, {.tenant = kTenant, .env = kEnv});
}

/// Microseconds of processor time that one call takes.
template <class Call>
double micros_each(int calls, Call call) {
  const std::clock_t start = std::clock();
  for (int i = 0; i < calls; ++i) call();
  return 1e6 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC / calls;
}

DecisionCost measure(store::Tx& tx) {
  Caller caller;
  caller.user_id = "u_ann";
  caller.actor_type = "human";
  caller.tenant_id = TenantId::parse(kTenant);
  caller.env_id = Env::prod;
  const gates::Question question{
      .caller = caller, .action = "card_create", .surface = "cards", .policy = gates::Policy::full, .now = kNow};
  const auto decide = [&] {
    const auto decision = gates::explain(tx, question);
    if (decision.blocked() != nullptr || decision.gates.size() != 6 || decision.to_json(true).empty())
      throw std::runtime_error("the decision is not the one to be measured");
    for (const auto& gate : decision.gates)
      if (gate.gate != "kill_switch" && gate.verdict != gates::Verdict::pass)
        throw std::runtime_error("a gate has nothing to judge");
  };
  const auto mark = [&] { store::mark_measures(tx, {.tenant = kTenant, .env = kEnv}); };
  decide();
  const double with_mark = micros_each(5'000, [&] {
    mark();
    decide();
  });
  return {micros_each(20'000, decide), with_mark - micros_each(5'000, mark)};
}

}  // namespace

DecisionCost measure_decision(const std::filesystem::path& directory, std::int64_t rows) {
  std::filesystem::create_directories(directory);
  store::Connection connection{store::ConnectionOptions{.path = directory / "nexus.db"}};
  store::migrate(connection, store::embedded_migrations());
  store::Tx tx(connection);
  tx.run("BEGIN");
  configure(tx);
  fill(tx, rows);
  tx.run("COMMIT");
  tx.run("BEGIN IMMEDIATE");  // as the writer asks: inside a write transaction
  const DecisionCost cost = measure(tx);
  tx.run("ROLLBACK");
  return cost;
}

}  // namespace nexus::bench
