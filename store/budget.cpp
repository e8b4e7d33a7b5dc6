#include "store/budget.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "store/gate_marks.hpp"
#include "store/sqlite/rows.hpp"

namespace nexus::store {
namespace {

UsageEvent usage_of(const Query& q) {
  return {.tenant_id = q.text(0),
          .env = q.text(1),
          .usage_id = q.text(2),
          .surface = q.optional_text(3),
          .tool_type = q.optional_text(4),
          .tool_id = q.optional_text(5),
          .provider = q.text(6),
          .model_or_plan_id = q.optional_text(7),
          .tokens_input = q.integer(8),
          .tokens_output = q.integer(9),
          .cost_micros = q.integer(10),
          .currency = q.text(11),
          .metadata = q.text(12),
          .occurred_at = q.integer(13),
          .created_at = q.integer(14),
          .created_by = q.text(15),
          .audit_seq = q.integer(16)};
}

BudgetPolicy policy_of(const Query& q) {
  return {.tenant_id = q.text(0),
          .env = q.text(1),
          .surface = q.text(2),
          .threshold_micros = q.integer(3),
          .currency = q.text(4),
          .window_days = static_cast<int>(q.integer(5)),
          .updated_at = q.integer(6),
          .updated_by = q.text(7)};
}

// ---- rollups -------------------------------------------------------------------------------------------------------

/// surface, dimension, whether a day, start, key
using Place = std::tuple<std::string, std::string, bool, std::int64_t, std::string>;

void add(CostTotals& totals, std::int64_t cost, std::int64_t count) {
  totals.cost_micros = std::min(kRollupCostMax, totals.cost_micros + std::min(kRollupCostMax, cost));
  totals.count += count;
}

void add_surface(std::map<Place, CostTotals>& places, const std::string& surface, const UsageEvent& event) {
  const std::pair<const char*, std::string> keys[] = {{"", ""},
                                                      {"surface", event.surface.value_or("")},
                                                      {"provider", event.provider},
                                                      {"model_or_plan_id", event.model_or_plan_id.value_or("")},
                                                      {"tool_type", event.tool_type.value_or("")}};
  for (const auto& [dimension, key] : keys) {
    add(places[{surface, dimension, false, hour_of(event.occurred_at), key}], event.cost_micros, 1);
    add(places[{surface, dimension, true, day_of(event.occurred_at), key}], event.cost_micros, 1);
  }
}

void add_costs(Tx& tx, std::span<const UsageEvent> events) {
  // A batch touches few rows many times: they are added up here first.
  std::map<Place, CostTotals> places;
  for (const UsageEvent& event : events) {
    add_surface(places, "*", event);
    if (event.surface && *event.surface != "*") add_surface(places, *event.surface, event);
  }
  for (const auto& [place, totals] : places) {
    const auto& [surface, dimension, is_day, start, key] = place;
    tx.run(
        "INSERT INTO budget_rollups (tenant_id, env, surface, dimension, span, start, key, cost_micros, count) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) "
        "ON CONFLICT (tenant_id, env, surface, dimension, span, start, key) DO UPDATE SET "
        "cost_micros = CASE WHEN budget_rollups.cost_micros + excluded.cost_micros < ?10 "
        "THEN budget_rollups.cost_micros + excluded.cost_micros ELSE ?10 END, "
        "count = budget_rollups.count + excluded.count",
        events.front().tenant_id, events.front().env, surface, dimension, is_day ? "day" : "hour", start, key,
        totals.cost_micros, totals.count, kRollupCostMax);
  }
  mark_measures(tx, {.tenant = events.front().tenant_id, .env = events.front().env});
}

}  // namespace

#define NEXUS_SELECT_USAGE                                                                                   \
  "SELECT tenant_id, env, usage_id, surface, tool_type, tool_id, provider, model_or_plan_id, tokens_input, " \
  "tokens_output, cost_micros, currency, metadata, occurred_at, created_at, created_by, audit_seq FROM usage_events "

std::optional<UsageEvent> find_usage(const Reader& reader, Realm realm, std::string_view usage_id) {
  return first(reader.query(NEXUS_SELECT_USAGE "WHERE tenant_id = ?1 AND env = ?2 AND usage_id = ?3", realm, usage_id),
               usage_of);
}

std::vector<UsageEvent> list_usage(const Reader& reader, Realm realm, const PageMark& mark, int limit) {
  return all(reader.query(NEXUS_SELECT_USAGE "WHERE tenant_id = ?1 AND env = ?2 AND (occurred_at, usage_id) < (?3, ?4) "
                                             "ORDER BY occurred_at DESC, usage_id DESC LIMIT ?5",
                          realm, mark.at, mark.id, limit),
             usage_of);
}

#undef NEXUS_SELECT_USAGE

void insert_usage(Tx& tx, std::span<const UsageEvent> events) {
  if (events.empty()) return;
  for (const UsageEvent& event : events)
    tx.run(
        "INSERT INTO usage_events (tenant_id, env, usage_id, surface, tool_type, tool_id, provider, "
        "model_or_plan_id, tokens_input, tokens_output, cost_micros, currency, metadata, occurred_at, created_at, "
        "created_by, audit_seq) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
        event.tenant_id, event.env, event.usage_id, event.surface, event.tool_type, event.tool_id, event.provider,
        event.model_or_plan_id, event.tokens_input, event.tokens_output, event.cost_micros, event.currency,
        event.metadata, event.occurred_at, event.created_at, event.created_by, event.audit_seq);
  add_costs(tx, events);
}

CostTotals read_cost(const Reader& reader, Realm realm, std::string_view surface, Span hours) {
  // Added up inside SQLite, a row for each of the three stretches: the gate asks this at every act.
  const WindowRows rows = rows_of(hours);
  Query q = reader.query(
      "SELECT sum(cost_micros), sum(count) FROM budget_rollups WHERE tenant_id = ?1 AND env = ?2 "
      "AND surface = ?3 AND dimension = '' AND span = 'day' AND start BETWEEN ?4 AND ?5 UNION ALL "
      "SELECT sum(cost_micros), sum(count) FROM budget_rollups WHERE tenant_id = ?1 AND env = ?2 "
      "AND surface = ?3 AND dimension = '' AND span = 'hour' AND start BETWEEN ?6 AND ?7 UNION ALL "
      "SELECT sum(cost_micros), sum(count) FROM budget_rollups WHERE tenant_id = ?1 AND env = ?2 "
      "AND surface = ?3 AND dimension = '' AND span = 'hour' AND start BETWEEN ?8 AND ?9",
      realm, surface, rows.days.first, rows.days.last, rows.hours_before.first, rows.hours_before.last,
      rows.hours_after.first, rows.hours_after.last);
  CostTotals totals;
  while (q.next()) {
    totals.cost_micros += q.integer(0);
    totals.count += q.integer(1);
  }
  return totals;
}

std::vector<CostGroup> group_cost(const Reader& reader, Realm realm, std::string_view surface,
                                  std::string_view dimension, Span hours, int limit) {
  const WindowRows rows = rows_of(hours);
  return all(
      reader.query(
          "SELECT key, sum(cost_micros) AS cost, sum(count) FROM ("
          "SELECT key, cost_micros, count FROM budget_rollups WHERE tenant_id = ?1 AND env = ?2 AND surface = ?3 "
          "AND dimension = ?4 AND span = 'day' AND start BETWEEN ?5 AND ?6 "
          "UNION ALL SELECT key, cost_micros, count FROM budget_rollups WHERE tenant_id = ?1 AND env = ?2 "
          "AND surface = ?3 AND dimension = ?4 AND span = 'hour' AND start BETWEEN ?7 AND ?8 "
          "UNION ALL SELECT key, cost_micros, count FROM budget_rollups WHERE tenant_id = ?1 AND env = ?2 "
          "AND surface = ?3 AND dimension = ?4 AND span = 'hour' AND start BETWEEN ?9 AND ?10) AS rows "
          "GROUP BY key ORDER BY cost DESC, key LIMIT ?11",
          realm, surface, dimension, rows.days.first, rows.days.last, rows.hours_before.first, rows.hours_before.last,
          rows.hours_after.first, rows.hours_after.last, limit),
      [](const Query& q) {
        return CostGroup{q.text(0), {q.integer(1), q.integer(2)}};
      });
}

std::optional<std::string> find_currency(const Reader& reader, Realm realm) {
  Query q = reader.query("SELECT currency FROM budget_currencies WHERE tenant_id = ?1 AND env = ?2", realm);
  if (!q.next()) return std::nullopt;
  return q.text(0);
}

void put_currency(Tx& tx, Realm realm, std::string_view currency) {
  tx.run("INSERT INTO budget_currencies (tenant_id, env, currency) VALUES (?1, ?2, ?3)", realm, currency);
}

#define NEXUS_SELECT_POLICY                                                                               \
  "SELECT tenant_id, env, surface, threshold_micros, currency, window_days, updated_at, updated_by FROM " \
  "budget_policies "

std::optional<BudgetPolicy> find_budget_policy(const Reader& reader, Realm realm, std::string_view surface) {
  return first(reader.query(NEXUS_SELECT_POLICY "WHERE tenant_id = ?1 AND env = ?2 AND surface = ?3", realm, surface),
               policy_of);
}

std::vector<BudgetPolicy> budget_policies_of(const Reader& reader, Realm realm, std::string_view surface) {
  // Two keyed arms: an IN list with a parameter in it makes SQLite build a table for every call.
  return all(reader.query(NEXUS_SELECT_POLICY
                          "WHERE tenant_id = ?1 AND env = ?2 AND surface = ?3 UNION ALL " NEXUS_SELECT_POLICY
                          "WHERE tenant_id = ?1 AND env = ?2 AND surface = '*' AND ?3 <> '*'",
                          realm, surface),
             policy_of);
}

std::vector<BudgetPolicy> list_budget_policies(const Reader& reader, Realm realm, std::string_view after, int limit) {
  return all(
      reader.query(NEXUS_SELECT_POLICY "WHERE tenant_id = ?1 AND env = ?2 AND surface > ?3 ORDER BY surface LIMIT ?4",
                   realm, after, limit),
      policy_of);
}

#undef NEXUS_SELECT_POLICY

void put_budget_policy(Tx& tx, const BudgetPolicy& policy) {
  tx.run(
      "INSERT INTO budget_policies (tenant_id, env, surface, threshold_micros, currency, window_days, updated_at, "
      "updated_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (tenant_id, env, surface) DO UPDATE SET "
      "threshold_micros = excluded.threshold_micros, currency = excluded.currency, window_days = "
      "excluded.window_days, updated_at = excluded.updated_at, updated_by = excluded.updated_by",
      policy.tenant_id, policy.env, policy.surface, policy.threshold_micros, policy.currency, policy.window_days,
      policy.updated_at, policy.updated_by);
}

}  // namespace nexus::store
