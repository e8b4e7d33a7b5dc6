// Usage and its cost, and the budget policies that cap it: one for a surface, or for all of them together ('*').
//
// Usage is one event or a batch of them, all or none. A usage_id identifies one event: sent again with equal values it
// counts once, with others it is refused. The event, its cost rollups and the numbers in its metadata are written in
// one transaction.
#include <map>
#include <set>

#include "daemon/budget/problems.hpp"
#include "daemon/domain/made_by.hpp"
#include "daemon/domain/measures.hpp"
#include "daemon/domain/services.hpp"
#include "daemon/domain/tightening.hpp"
#include "daemon/http/rows.hpp"
#include "store/audit_log.hpp"
#include "store/budget.hpp"

namespace nexus::budget {
namespace {

using http::Applied;
using http::Fields;
using http::Input;
using http::Reply;
namespace schema = http::schema;

constexpr std::size_t kBatchMax = 1000;
constexpr std::size_t kNumbersMax = 32;
constexpr int kGroupsMax = 1000;
constexpr std::string_view kDimensions[] = {"provider", "surface", "model_or_plan_id", "tool_type"};

struct Usage {
  UsageEvent event;
  bool time_sent = false;
  std::string pointer;  // of the element in the body
};

struct Batch {
  std::vector<Usage> items;
  bool is_array = false;
};

/// Keeps the first currency that is written; `pointer` leads to the one that was sent.
void keep_currency(store::Tx& tx, Realm realm, const std::string& currency, const std::string& pointer) {
  const auto kept = store::find_currency(tx, realm);
  if (kept && *kept != currency)
    throw Problem(problems::budget_currency_mismatch,
                  "costs are kept in one currency here: the first one that was written")
        .with_errors({{pointer, "must be the currency of the costs before"}});
  if (!kept) store::put_currency(tx, realm, currency);
}

// ---- usage: parse -------------------------------------------------------------------------------------------------

/// Each number is a metric.
void judge_metadata(Fields& fields, const UsageEvent& event) {
  const Json metadata = parse_own_json(event.metadata);
  std::size_t numbers = 0;
  for (const auto& [name, value] : metadata.items()) {
    if (!value.is_number()) continue;
    if (++numbers > kNumbersMax || name.empty() || name.size() > 128) {
      fields.fault("metadata",
                   "may hold at most " + std::to_string(kNumbersMax) + " numbers, under names of 1 to 128 bytes");
      break;
    }
  }
}

Usage take_usage(Fields& fields, const Caller& caller, std::string pointer) {
  Usage usage{.event = domain::made_by(caller, model::take_new(kUsage, fields).value), .pointer = std::move(pointer)};
  UsageEvent& event = usage.event;
  if (event.usage_id.empty()) event.usage_id = new_id(caller.tenant());
  const domain::Money cost = domain::take_money(fields, "cost");
  event.cost_micros = cost.amount_micros;
  event.currency = cost.currency;
  judge_metadata(fields, event);
  usage.time_sent = event.occurred_at != model::kNoTime;
  event.occurred_at = domain::take_past(fields, "occurred_at", event.occurred_at, event.created_at);
  return usage;
}

Batch parse_usage(Input& input) {
  Batch batch;
  batch.is_array = !input.items.empty();
  for (std::size_t i = 0; i < input.items.size(); ++i)
    batch.items.push_back(take_usage(input.items[i], input.caller, "/" + std::to_string(i)));
  if (!batch.is_array) batch.items.push_back(take_usage(input.body, input.caller, ""));
  return batch;
}

// ---- usage: write -------------------------------------------------------------------------------------------------

Json with_cost(const UsageEvent& event, Json json) {
  json["cost"] = domain::money_json(event.cost_micros, event.currency);
  return json;
}

Json usage_json(const UsageEvent& event) { return with_cost(event, model::json_of(kUsage, event)); }

/// Whether `sent` describes the stored event: every sent value is equal.
bool is_same(const UsageEvent& stored, const Usage& sent) {
  const auto told = [](const UsageEvent& event) {
    return with_cost(event, model::json_of(kUsage, event,
                                           {"surface", "tool_type", "tool_id", "provider", "model_or_plan_id",
                                            "tokens_input", "tokens_output", "metadata"}));
  };
  return (!sent.time_sent || stored.occurred_at == sent.event.occurred_at) && told(stored) == told(sent.event);
}

void write_metrics(store::Tx& tx, const Caller& caller, const std::vector<const Usage*>& fresh) {
  std::vector<store::MetricSample> samples;
  for (const Usage* usage : fresh) {
    const Json metadata = parse_own_json(usage->event.metadata);
    for (const auto& [name, value] : metadata.items())
      if (value.is_number())
        samples.push_back({usage->event.surface, name, value.get<double>(), usage->event.occurred_at});
  }
  store::add_metrics(tx, caller.realm(), "usage", samples);
}

/// Everything that is needed to build an answer again.
std::string reference_of(const std::vector<UsageEvent>& all, std::size_t recorded) {
  Json ids = Json::array();
  for (const UsageEvent& event : all) ids.push_back(event.usage_id);
  return to_text(make_object({{"usage_ids", std::move(ids)}, {"recorded", recorded}}));
}

Applied answer_of(const Batch& batch, const std::vector<UsageEvent>& all, const std::vector<UsageEvent>& fresh) {
  std::int64_t cost = 0;
  for (const UsageEvent& event : fresh) cost += event.cost_micros;  // 1000 of the largest fit an int64
  Json items = Json::array();
  for (const UsageEvent& event : all) items.push_back(usage_json(event));
  Applied applied;
  applied.json =
      batch.is_array ? Json{{"items", std::move(items)}, {"recorded", fresh.size()}} : std::move(items.front());
  applied.subject_type = "usage";
  if (!batch.is_array) applied.subject_id = all.front().usage_id;
  if (batch.is_array) applied.reference = reference_of(all, fresh.size());
  applied.details = {{"recorded", fresh.size()},
                     {"sent", all.size()},
                     {"cost_micros", std::to_string(cost)},
                     {"currency", all.front().currency}};
  applied.status = fresh.empty() ? 200 : 201;
  if (fresh.empty()) applied.unchanged_since = all.front().audit_seq;
  return applied;
}

/// A batch that was recorded before.
Json render(const store::Reader& reader, const Caller& caller, const std::string& reference) {
  const Json kept = parse_own_json(reference);
  Json items = Json::array();
  for (const Json& id : kept.at("usage_ids"))
    if (const auto event = store::find_row<kUsage>(reader, caller.realm(), id.get_ref<const std::string&>()))
      items.push_back(usage_json(*event));
  return {{"items", std::move(items)}, {"recorded", kept.at("recorded")}};
}

Applied record(store::Tx& tx, const Caller& caller, const Batch& batch) {
  const std::string& currency = batch.items.front().event.currency;
  for (const Usage& usage : batch.items)
    if (&usage == &batch.items.front() || usage.event.currency != currency)
      keep_currency(tx, caller.realm(), usage.event.currency, usage.pointer + "/cost/currency");
  const std::int64_t seq = store::next_audit_seq(tx, caller.realm());
  std::map<std::string, UsageEvent> seen;  // the event of each id so far: stored before, or sent earlier in this batch
  std::vector<UsageEvent> all, fresh;
  std::vector<const Usage*> fresh_sent;
  for (const Usage& usage : batch.items) {
    auto known = seen.find(usage.event.usage_id);
    if (known == seen.end())
      if (auto stored = store::find_row<kUsage>(tx, caller.realm(), usage.event.usage_id))
        known = seen.emplace(stored->usage_id, std::move(*stored)).first;
    if (known != seen.end()) {
      if (!is_same(known->second, usage))
        throw Problem(problems::budget_usage_conflict,
                      "a usage_id stands for one event: send other values under another id")
            .with_errors({{usage.pointer + "/usage_id", "was written with other values"}});
      all.push_back(known->second);
      continue;
    }
    UsageEvent event = usage.event;
    event.audit_seq = seq;
    seen.emplace(event.usage_id, event);
    all.push_back(event);
    fresh.push_back(std::move(event));
    fresh_sent.push_back(&usage);
  }
  store::insert_usage(tx, fresh);
  write_metrics(tx, caller, fresh_sent);
  return answer_of(batch, all, fresh);
}

http::Write handle_record(Input& input) {
  http::Write write;
  auto batch = std::make_shared<const Batch>(parse_usage(input));
  std::set<std::string> providers;
  for (const Usage& usage : batch->items)
    if (auto name = normal_name(usage.event.provider, NameForm::any_case)) providers.insert(std::move(*name));
  write.providers.assign(providers.begin(), providers.end());
  write.apply = [batch](store::Tx& tx, const Caller& caller) { return record(tx, caller, *batch); };
  write.render = render;
  return write;
}

// ---- usage: read --------------------------------------------------------------------------------------------------

std::vector<UsageEvent> list(const store::Reader& reader, Realm realm, std::string_view mark, int limit) {
  return store::list_usage(reader, realm, http::mark_of(mark), limit);
}

std::string mark_of(const UsageEvent& row) { return http::mark_text(row.occurred_at, row.usage_id); }

struct SummaryRequest {
  std::optional<std::string> surface;
  int window_days = domain::kWindowDaysDefault;
  std::string group_by;
};

SummaryRequest parse_summary(Input& input) {
  SummaryRequest request;
  request.surface = domain::take_optional_surface(input.query, true);
  request.window_days = domain::take_window_days(input.query);
  request.group_by = input.query.optional_choice("group_by", kDimensions).value_or("provider");
  return request;
}

Reply summarise(const store::Reader& reader, const Caller& caller, const SummaryRequest& request) {
  const std::string surface = request.surface.value_or("*");
  const auto hours = store::window_hours(now_micros(), request.window_days);
  const auto currency = store::find_currency(reader, caller.realm());
  const auto totals = store::read_cost(reader, caller.realm(), surface, hours);
  Json grouped = Json::array();
  for (const auto& group : store::group_cost(reader, caller.realm(), surface, request.group_by, hours, kGroupsMax))
    grouped.push_back({{"key", group.key.empty() ? Json() : Json(group.key)},
                       {"cost", domain::money_json(group.totals.cost_micros, currency)},
                       {"count", group.totals.count}});
  return {.json = domain::in_context({{"surface", surface},
                                      {"window_days", request.window_days},
                                      {"window_start", to_rfc3339(store::window_start(hours))},
                                      {"group_by", request.group_by},
                                      {"total_cost", domain::money_json(totals.cost_micros, currency)},
                                      {"total_events", totals.count},
                                      {"grouped", std::move(grouped)}},
                                     caller)};
}

// ---- policies -----------------------------------------------------------------------------------------------------

Json with_threshold(const Policy& policy, Json json) {
  json["threshold"] = domain::money_json(policy.threshold_micros, policy.currency);
  return json;
}

Json policy_json(const Policy& policy) { return with_threshold(policy, model::json_of(kPolicy, policy)); }

/// The part of a policy that the audit row keeps.
Json facts_of(const Policy& policy) { return with_threshold(policy, model::json_of(kPolicy, policy, {"window_days"})); }

Policy parse_policy(Input& input) {
  Policy policy = domain::made_by(input.caller, model::take_new(kPolicy, input.body).value);
  const domain::Money threshold = domain::take_money(input.body, "threshold");
  policy.threshold_micros = threshold.amount_micros;
  policy.currency = threshold.currency;
  return policy;
}

Applied put_policy(store::Tx& tx, const Caller&, const Policy& policy) {
  keep_currency(tx, policy.realm(), policy.currency, "/threshold/currency");
  const auto before = store::find_row<kPolicy>(tx, policy.realm(), policy.surface);
  store::put_row<kPolicy>(tx, policy);
  return {.json = policy_json(policy),
          .subject_type = "budget_policy",
          .subject_id = policy.surface,
          .details = {{"before", before ? facts_of(*before) : Json()}, {"after", facts_of(policy)}},
          .status = 200};
}

/// Lowering a threshold or widening its window only tightens and is never gated. A strict env refuses a surface without
/// any policy, so there its first policy tightens only where '*' has one already.
bool only_tightens(const store::Reader& reader, const Policy& after, bool strict) {
  const auto before = store::find_row<kPolicy>(reader, after.realm(), after.surface);
  if (!before && !strict) return true;  // an unconfigured surface passes here, so a first policy can only refuse more
  if (!before) return after.surface != "*" && store::has_row<kPolicy>(reader, after.realm(), "*");
  return before->currency == after.currency && after.threshold_micros <= before->threshold_micros &&
         after.window_days >= before->window_days;
}

// ---- schemas ------------------------------------------------------------------------------------------------------

Json usage_schema(bool answer) {
  return schema::with(answer ? model::answer_schema(kUsage) : model::create_schema(kUsage),
                      {{"cost", domain::money_schema()}});
}

Json usages_schema() {
  Json batch = schema::list(usage_schema(false), kBatchMax);
  batch["minItems"] = 1;
  return {{"oneOf", Json::array({usage_schema(false), schema::named("UsageEventsCreate", std::move(batch))})}};
}

Json usages_answer_schema() {
  return {{"oneOf",
           Json::array({usage_schema(true),
                        schema::named("UsageBatch", schema::whole({{"items", schema::list(usage_schema(true))},
                                                                   {"recorded", schema::integer(0, kBatchMax)}}))})}};
}

Json summary_schema() {
  Json money = schema::named("Cost", domain::money_schema());
  money["description"] = "the currency is null before anything was recorded";
  money["properties"]["currency"] = schema::nullable(schema::text());
  const Json group = schema::whole(
      {{"key", schema::nullable(schema::text())}, {"cost", money}, {"count", schema::integer(0, INT64_MAX)}});
  return schema::named("UsageSummary", domain::with_context_schema(
                                           schema::object({"window_days", "total_cost", "total_events", "grouped"},
                                                          {{"surface", schema::text()},
                                                           {"window_days", domain::window_days_schema()},
                                                           {"window_start", schema::time()},
                                                           {"group_by", schema::text()},
                                                           {"total_cost", money},
                                                           {"total_events", schema::integer(0, INT64_MAX)},
                                                           {"grouped", schema::list(group)}})));
}

void add_usage_routes(http::RouteTable& routes, const http::Surface& surface) {
  const http::Surface recording{.name = "budget", .policy = gates::Policy::telemetry};
  http::Route post = recording.create("/budget/usage", "usage_record", handle_record,
                                      {.summary = "Record usage: one event, or a list of up to 1000, all or none",
                                       .request = usages_schema(),
                                       .response = usages_answer_schema(),
                                       .refusals = {200, 409}});
  post.batch_max = kBatchMax;
  routes.add(std::move(post));
  routes.add(surface.list("/budget/usage", http::page_of<kUsage>("usage", list, usage_json, mark_of),
                          {.summary = "List usage, by time of occurring", .response = usage_schema(true)}));
  routes.add(surface.get(
      "/budget/usage/summary", http::reads(parse_summary, summarise),
      {.summary = "What was spent in a window",
       .response = summary_schema(),
       .query = {domain::surface_parameter(true),
                 domain::window_days_parameter(),
                 {"group_by", "What to group by", schema::defaults_to(schema::choice(kDimensions), "provider")}}}));
}

void add_policy_routes(http::RouteTable& routes, const http::Surface& surface, const gates::Strictness& strict) {
  const Json asked = schema::with(model::create_schema(kPolicy), {{"threshold", domain::money_schema()}});
  const Json shape = schema::with(model::answer_schema(kPolicy), {{"threshold", domain::money_schema()}});
  const auto tightens = [strict](const store::Reader& reader, const Caller& caller, const Policy& policy) {
    return only_tightens(reader, policy, strict(caller.env()));
  };
  routes.add(surface.list("/budget/policies", http::by_key<kPolicy>("budget_policies", policy_json),
                          {.summary = "List budget policies, in order of surface", .response = shape}));
  routes.add(surface.put("/budget/policies", "budget_policy_update",
                         domain::configures(parse_policy, put_policy, tightens),
                         {.summary = "Set the budget of a surface, or of all together",
                          .request = schema::named("BudgetPolicySet", asked),
                          .response = shape}));
}

}  // namespace

void add_routes(http::RouteTable& routes, const domain::Services& services) {
  routes.describe("budget", "Usage, its cost, and the policies that cap it");
  const http::Surface surface = domain::configuring("budget", "budget_read");
  add_usage_routes(routes, surface);
  add_policy_routes(routes, surface, services.strict);
}

}  // namespace nexus::budget
