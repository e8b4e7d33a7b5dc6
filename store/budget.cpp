#include "store/budget.hpp"

#include <algorithm>
#include <tuple>

#include "store/gates.hpp"
#include "store/many_rows.hpp"
#include "store/model_rows.hpp"

namespace nexus::store {

using budget::kPolicy;
using budget::kUsage;

namespace {

// ---- rollups -------------------------------------------------------------------------------------------------------

/// surface, dimension, whether a day, start, key
using CostBucket = std::tuple<std::string_view, std::string_view, bool, std::int64_t, std::string_view>;

void add(CostTotals& totals, std::int64_t cost) {
  totals.cost_micros = std::min(kRollupCostMax, totals.cost_micros + std::min(kRollupCostMax, cost));
  ++totals.count;
}

std::string_view key_of(const std::optional<std::string>& text) { return text ? std::string_view(*text) : ""; }

void add_surface(std::map<CostBucket, CostTotals>& buckets, std::string_view surface, const UsageEvent& event) {
  const std::pair<std::string_view, std::string_view> keys[] = {{"", ""},
                                                                {"surface", key_of(event.surface)},
                                                                {"provider", event.provider},
                                                                {"model_or_plan_id", key_of(event.model_or_plan_id)},
                                                                {"tool_type", key_of(event.tool_type)}};
  for (const auto& [dimension, key] : keys) {
    add(buckets[{surface, dimension, false, hour_of(event.occurred_at), key}], event.cost_micros);
    add(buckets[{surface, dimension, true, day_of(event.occurred_at), key}], event.cost_micros);
  }
}

std::vector<CostRow> cost_rows(std::span<const UsageEvent> events) {
  std::map<CostBucket, CostTotals> buckets;
  for (const UsageEvent& event : events) {
    add_surface(buckets, "*", event);
    if (event.surface && *event.surface != "*") add_surface(buckets, *event.surface, event);
  }
  std::vector<CostRow> rows;
  rows.reserve(buckets.size());
  for (const auto& [bucket, totals] : buckets) {
    const auto& [surface, dimension, is_day, start, key] = bucket;
    rows.push_back({std::string(surface), std::string(dimension), std::string(key), is_day, start, totals});
  }
  return rows;
}

void add_costs(Tx& tx, Realm realm, std::span<const CostRow> rows) {
  static const std::string most = std::to_string(kRollupCostMax);
  static const ManyRows upsert(
      "INSERT INTO budget_rollups (tenant_id, env, surface, dimension, span, start, key, cost_micros, count)", 9,
      "ON CONFLICT (tenant_id, env, surface, dimension, span, start, key) DO UPDATE SET "
      "cost_micros = CASE WHEN budget_rollups.cost_micros + excluded.cost_micros < " +
          most + " THEN budget_rollups.cost_micros + excluded.cost_micros ELSE " + most +
          " END, count = budget_rollups.count + excluded.count");
  upsert.run(tx, rows, [realm](std::vector<Argument>& arguments, const CostRow& row) {
    arguments.insert(arguments.end(), {realm.tenant, realm.env, row.surface, row.dimension, row.is_day ? "day" : "hour",
                                       row.start, row.key, row.totals.cost_micros, row.totals.count});
  });
}

/// Events of one day that have the same in common with a voided one.
struct Alike {
  bool hour = false, surface = false, provider = false, model = false, tool = false;
  CostTotals totals;
};

/// Whole units and the rest are summed apart: no sum of a day leaves an int64.
Alike alike_of(const Query& q) {
  constexpr std::int64_t unit = 1'000'000;
  const std::int64_t whole = q.integer(5), count = q.integer(7);
  const std::int64_t cost = whole < kRollupCostMax / unit ? whole * unit + q.integer(6) : kRollupCostMax;
  return {q.boolean(0), q.boolean(1), q.boolean(2), q.boolean(3), q.boolean(4), {cost, count}};
}

/// The events that are left of the voided one's day.
std::vector<Alike> left_of_day(const Reader& reader, const UsageEvent& voided) {
  const Micros hour = hour_of(voided.occurred_at) * kHour, day = day_of(voided.occurred_at) * kDay;
  return all(
      reader.query("SELECT occurred_at >= ?5 AND occurred_at < ?6, coalesce(surface, '') = ?7, provider = ?8, "
                   "coalesce(model_or_plan_id, '') = ?9, coalesce(tool_type, '') = ?10, sum(cost_micros / 1000000), "
                   "sum(cost_micros % 1000000), count(*) FROM usage_events WHERE tenant_id = ?1 AND env = ?2 "
                   "AND occurred_at >= ?3 AND occurred_at < ?4 AND voided_at IS NULL GROUP BY 1, 2, 3, 4, 5",
                   voided.realm(), day, day + kDay, hour, hour + kHour, key_of(voided.surface), voided.provider,
                   key_of(voided.model_or_plan_id), key_of(voided.tool_type)),
      alike_of);
}

/// Whether events count in a row of the voided one.
bool counts_in(const Alike& events, const CostRow& row) {
  if (!row.is_day && !events.hour) return false;
  if (row.surface != "*" && !events.surface) return false;
  if (row.dimension == "surface") return events.surface;
  if (row.dimension == "provider") return events.provider;
  if (row.dimension == "model_or_plan_id") return events.model;
  return row.dimension.empty() || events.tool;
}

void remake_costs(Tx& tx, const UsageEvent& voided) {
  std::vector<CostRow> rows = cost_rows(std::span(&voided, 1));
  const std::vector<Alike> left = left_of_day(tx, voided);
  for (CostRow& row : rows) {
    row.totals = CostTotals();
    for (const Alike& events : left) {
      if (!counts_in(events, row)) continue;
      row.totals.cost_micros = std::min(kRollupCostMax, row.totals.cost_micros + events.totals.cost_micros);
      row.totals.count += events.totals.count;
    }
    tx.run(
        "DELETE FROM budget_rollups WHERE tenant_id = ?1 AND env = ?2 AND surface = ?3 AND dimension = ?4 "
        "AND span = ?5 AND start = ?6 AND key = ?7",
        voided.realm(), row.surface, row.dimension, row.is_day ? "day" : "hour", row.start, row.key);
  }
  std::erase_if(rows, [](const CostRow& row) { return row.totals.count == 0; });
  add_costs(tx, voided.realm(), rows);
}

}  // namespace

std::vector<UsageEvent> list_usage(const Reader& reader, Realm realm, const TimeRange& range, PageMark mark,
                                   int limit) {
  static const std::string text = select_rows<kUsage>() +
                                  "AND occurred_at >= ?3 AND (occurred_at, usage_id) < (?4, ?5) "
                                  "ORDER BY occurred_at DESC, usage_id DESC LIMIT ?6";
  // No id comes before the empty one: what is behind this mark occurred before `until`.
  if (range.until && *range.until <= mark.at) mark = {.at = *range.until, .id = ""};
  return all(reader.query(text, realm, range.since.value_or(INT64_MIN), mark.at, mark.id, limit), row_of<kUsage>);
}

std::vector<UsageEvent> find_usage(const Reader& reader, Realm realm, std::string_view ids) {
  static const std::string text = "SELECT " + columns_text(kUsage.specs(), "u.") +
                                  " FROM json_each(?3) AS sent CROSS JOIN usage_events AS u "
                                  "WHERE u.tenant_id = ?1 AND u.env = ?2 AND u.usage_id = sent.value";
  return all(reader.query(text, realm, ids), row_of<kUsage>);
}

UsageRollups usage_rollups(std::span<const UsageEvent> events, std::span<const MetricSample> numbers) {
  return {cost_rows(events), metric_rows(numbers)};
}

void insert_usage(Tx& tx, std::span<const UsageEvent> events, const UsageRollups& rollups) {
  if (events.empty()) return;
  const Realm realm{.tenant = events.front().tenant_id, .env = events.front().env};
  insert_rows<kUsage>(tx, events);
  add_costs(tx, realm, rollups.costs);
  add_metrics(tx, realm, "usage", rollups.metrics);
  if (rollups.metrics.empty()) mark_measures(tx, realm);
}

void void_usage(Tx& tx, const UsageEvent& event, std::span<const MetricSample> numbers) {
  update_row<kUsage>(tx, event);
  remake_costs(tx, event);
  if (numbers.empty()) return mark_measures(tx, event.realm());
  const Micros day = day_of(event.occurred_at) * kDay;
  remake_metrics(
      tx, event.realm(), "usage", numbers,
      tx.query("SELECT u.surface, n.key, CAST(n.value AS DOUBLE PRECISION), u.occurred_at FROM usage_events AS u "
               "CROSS JOIN json_each(u.metadata) AS n WHERE u.tenant_id = ?1 AND u.env = ?2 "
               "AND u.occurred_at >= ?3 AND u.occurred_at < ?4 AND u.voided_at IS NULL "
               "AND n.type IN ('integer', 'real') ORDER BY u.occurred_at, u.audit_seq, u.usage_id",
               event.realm(), day, day + kDay));
}

CostTotals read_cost(const Reader& reader, Realm realm, std::string_view surface, Span hours) {
  // SQLite adds up each of the three spans, because the gate asks this for every act.
  static const std::string text = over_window(
      "SELECT sum(cost_micros), sum(count) FROM budget_rollups WHERE tenant_id = ?1 AND env = ?2 AND surface = ?9 "
      "AND dimension = '' AND {window}");
  Query q = query_window(reader, text, realm, hours, surface);
  CostTotals totals;
  while (q.next()) {
    totals.cost_micros += q.integer(0);
    totals.count += q.integer(1);
  }
  return totals;
}

std::vector<CostGroup> group_cost(const Reader& reader, Realm realm, std::string_view surface,
                                  std::string_view dimension, Span hours, int limit) {
  static const std::string text =
      "SELECT key, sum(cost_micros) AS cost, sum(count) FROM (" +
      over_window(
          "SELECT key, cost_micros, count FROM budget_rollups WHERE tenant_id = ?1 AND env = ?2 "
          "AND surface = ?9 AND dimension = ?10 AND {window}") +
      ") AS rows GROUP BY key ORDER BY cost DESC, key LIMIT ?11";
  return all(query_window(reader, text, realm, hours, surface, dimension, limit), [](const Query& q) {
    return CostGroup{q.text(0), {q.integer(1), q.integer(2)}};
  });
}

std::optional<std::string> find_currency(const Reader& reader, Realm realm) {
  return first(reader.query("SELECT currency FROM budget_currencies WHERE tenant_id = ?1 AND env = ?2", realm),
               only_text);
}

void put_currency(Tx& tx, Realm realm, std::string_view currency) {
  tx.run("INSERT INTO budget_currencies (tenant_id, env, currency) VALUES (?1, ?2, ?3)", realm, currency);
}

void free_currency(Tx& tx, Realm realm) {
  tx.run(
      "DELETE FROM budget_currencies WHERE tenant_id = ?1 AND env = ?2 "
      "AND NOT EXISTS (SELECT 1 FROM budget_policies WHERE tenant_id = ?1 AND env = ?2) "
      "AND NOT EXISTS (SELECT 1 FROM usage_events WHERE tenant_id = ?1 AND env = ?2 AND voided_at IS NULL)",
      realm);
}

void remove_budget_policy(Tx& tx, Realm realm, std::string_view surface) {
  tx.run("DELETE FROM budget_policies WHERE tenant_id = ?1 AND env = ?2 AND surface = ?3", realm, surface);
}

bool has_other_budget_policy(const Reader& reader, Realm realm, std::string_view surface) {
  return reader
      .query("SELECT 1 FROM budget_policies WHERE tenant_id = ?1 AND env = ?2 AND surface <> ?3", realm, surface)
      .next();
}

std::vector<BudgetPolicy> budget_policies_of(const Reader& reader, Realm realm, std::string_view surface) {
  // Two keyed arms: an IN list with a parameter in it makes SQLite build a table for every call.
  static const std::string text = select_rows<kPolicy>() + "AND surface = ?3 UNION ALL " + select_rows<kPolicy>() +
                                  "AND surface = '*' AND ?3 <> '*'";
  return all(reader.query(text, realm, surface), row_of<kPolicy>);
}

}  // namespace nexus::store
