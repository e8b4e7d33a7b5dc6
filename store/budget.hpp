// Lists of usage events, the policies of a surface, and the cost of usage per hour and per day. All other statements
// are derived (store/model_rows.hpp). A tenant and env have one currency. The callers decide who may write, and what a
// spent budget means.
#pragma once

#include "daemon/budget/budget.hpp"
#include "store/identity.hpp"
#include "store/metrics.hpp"
#include "store/query.hpp"
#include "store/rollups.hpp"

namespace nexus::store {

/// A rollup row saturates at this value, so that the sum of no window can exceed an int64.
inline constexpr std::int64_t kRollupCostMax = 50'000'000'000'000'000;

using UsageEvent = budget::UsageEvent;
using BudgetPolicy = budget::Policy;

/// Those that occurred in `range`, newest first by time of occurrence, from behind `mark`.
std::vector<UsageEvent> list_usage(const Reader& reader, Realm realm, const TimeRange& range, PageMark mark, int limit);
/// Those of the events that are stored. `ids` is a JSON array of their ids.
std::vector<UsageEvent> find_usage(const Reader& reader, Realm realm, std::string_view ids);

struct CostTotals {
  std::int64_t cost_micros = 0;
  std::int64_t count = 0;
};
/// What usage adds to one row: that of an hour, or of a day, since 1970.
struct CostRow {
  std::string surface, dimension, key;
  bool is_day = false;
  std::int64_t start = 0;
  CostTotals totals;
};
/// What usage adds to the rollups, each row once: a batch touches few rows many times. It is made before the unit that
/// adds it.
struct UsageRollups {
  std::vector<CostRow> costs;
  std::vector<MetricRow> metrics;
  std::size_t rows() const { return costs.size() + metrics.size(); }
};
/// `numbers` are those of the events' metadata.
UsageRollups usage_rollups(std::span<const UsageEvent> events, std::span<const MetricSample> numbers);
/// Writes new events, all of one tenant and env, and adds to their rollups.
void insert_usage(Tx& tx, std::span<const UsageEvent> events, const UsageRollups& rollups);

/// Writes that the event is voided, and makes the rollups to which it had added anew from the events left. `numbers`
/// are those of its metadata.
void void_usage(Tx& tx, const UsageEvent& event, std::span<const MetricSample> numbers);

/// The cost of a surface ('*' for all) in these hours.
CostTotals read_cost(const Reader& reader, Realm realm, std::string_view surface, Span hours);

struct CostGroup {
  std::string key;  // "" for events without one
  CostTotals totals;
};
/// The same by `dimension` (surface, provider, model_or_plan_id, tool_type), dearest first, at most `limit`.
std::vector<CostGroup> group_cost(const Reader& reader, Realm realm, std::string_view surface,
                                  std::string_view dimension, Span hours, int limit);

/// The currency of a tenant and env; nothing before one is written.
std::optional<std::string> find_currency(const Reader& reader, Realm realm);
void put_currency(Tx& tx, Realm realm, std::string_view currency);
/// Forgets it where no policy and no usage that counts is left.
void free_currency(Tx& tx, Realm realm);

void remove_budget_policy(Tx& tx, Realm realm, std::string_view surface);
/// Whether another surface, or '*', has a policy.
bool has_other_budget_policy(const Reader& reader, Realm realm, std::string_view surface);
/// The policies that apply to a surface: its own and that of '*'.
std::vector<BudgetPolicy> budget_policies_of(const Reader& reader, Realm realm, std::string_view surface);

}  // namespace nexus::store
