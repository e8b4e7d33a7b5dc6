// Usage and its cost, and the budget policies that cap it: one for a surface, or for all of them together ('*').
//
// How usage is recorded: usage.hpp.
#include "daemon/budget/problems.hpp"
#include "daemon/budget/usage.hpp"
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

constexpr int kGroupsMax = 1000;
constexpr std::string_view kDimensions[] = {"provider", "surface", "model_or_plan_id", "tool_type"};

// ---- usage: read --------------------------------------------------------------------------------------------------

struct List {
  http::Page page;
  store::TimeRange range;
};

List parse_list(Input& input) { return {http::take_page(input, "usage"), http::take_time_range(input)}; }

Reply list(const store::Reader& reader, const Caller& caller, const List& asked) {
  const auto rows =
      store::list_usage(reader, caller.realm(), asked.range, http::mark_of(asked.page.mark), asked.page.limit + 1);
  return {.json = http::page_json<UsageEvent>(asked.page, rows, usage_json, [](const UsageEvent& row) {
            return http::mark_text(row.occurred_at, row.usage_id);
          })};
}

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

/// With what is spent in the policy's window.
Json policy_json(const store::Reader& reader, const Caller&, const Policy& policy) {
  Json json = with_threshold(policy, model::json_of(kPolicy, policy));
  const auto hours = store::window_hours(now_micros(), policy.window_days);
  const auto spent = store::read_cost(reader, policy.realm(), policy.surface, hours);
  json["spent"] = domain::money_json(spent.cost_micros, policy.currency);
  return json;
}

/// The part of a policy that the audit row keeps.
Json facts_of(const Policy& policy) { return with_threshold(policy, model::json_of(kPolicy, policy, {"window_days"})); }

Policy parse_policy(Input& input) {
  Policy policy = domain::made_by(input.caller, model::take_new(kPolicy, input.body).value);
  const domain::Money threshold = domain::take_money(input.body, "threshold");
  policy.threshold_micros = threshold.amount_micros;
  policy.currency = threshold.currency;
  return policy;
}

Applied put_policy(store::Tx& tx, const Caller& caller, const Policy& policy) {
  keep_currency(tx, policy.realm(), policy.currency, "/threshold/currency");
  const auto before = store::find_row<kPolicy>(tx, policy.realm(), policy.surface);
  store::put_row<kPolicy>(tx, policy);
  return {.json = policy_json(tx, caller, policy),
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

[[noreturn]] void no_policy(const std::string& surface) {
  const std::string whose = surface == "*" ? "all surfaces together have" : "the surface " + surface + " has";
  throw Problem(problems::budget_policy_not_found, whose + " no budget in this tenant and env")
      .with_remedy("nexusctl budget policies");
}

Applied remove_policy(store::Tx& tx, const Caller& caller, const std::string& surface) {
  const auto before = store::find_row<kPolicy>(tx, caller.realm(), surface);
  if (!before) no_policy(surface);
  store::remove_budget_policy(tx, caller.realm(), surface);
  store::free_currency(tx, caller.realm());
  return {.json = nullptr,
          .subject_type = "budget_policy",
          .subject_id = surface,
          .details = {{"before", facts_of(*before)}, {"after", nullptr}},
          .status = 204};
}

/// A strict env refuses a surface without any policy. So there the removal of a policy only tightens where none is left
/// that let pass what this one refused.
bool removal_only_tightens(const store::Reader& reader, Realm realm, const std::string& surface, bool strict) {
  if (!strict || !store::has_row<kPolicy>(reader, realm, surface)) return false;
  return surface == "*" ? !store::has_other_budget_policy(reader, realm, surface)
                        : !store::has_row<kPolicy>(reader, realm, "*");
}

// ---- schemas ------------------------------------------------------------------------------------------------------

Json usage_schema(bool answer) {
  return schema::with(answer ? model::answer_schema(kUsage) : model::create_schema(kUsage),
                      {{"cost", domain::money_schema()}});
}

/// A sum may be larger than any amount of a request.
Json spent_schema() {
  return schema::named(
      "Spent",
      schema::described(schema::whole({{"amount_micros", schema::integer(0, INT64_MAX)}, {"currency", schema::text()}}),
                        "the cost in the last window_days, as the gate counts it"));
}

Json usages_schema() {
  Json batch = schema::list(usage_schema(false), limits::usage_batch_max);
  batch["minItems"] = 1;
  return {{"oneOf", Json::array({usage_schema(false), schema::named("UsageEventsCreate", std::move(batch))})}};
}

Json usages_answer_schema() {
  const Json batch = schema::whole(
      {{"items", schema::list(usage_schema(true))}, {"recorded", schema::integer(0, limits::usage_batch_max)}});
  return {{"oneOf", Json::array({usage_schema(true), schema::named("UsageBatch", batch)})}};
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
  http::Route post = recording.create("/budget/usage", "usage_record", record_usage,
                                      {.summary = "Record usage: one event, or a list of up to 1000, all or none",
                                       .request = usages_schema(),
                                       .response = usages_answer_schema(),
                                       .refusals = {200, 409}});
  post.batch_max = limits::usage_batch_max;
  routes.add(std::move(post));
  routes.add(surface.list("/budget/usage", http::reads(parse_list, list),
                          {.summary = "List usage, by time of occurring",
                           .response = usage_schema(true),
                           .query = http::time_range_parameters("usage that occurred")}));
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
  const Json shape =
      schema::with(model::answer_schema(kPolicy), {{"threshold", domain::money_schema()}, {"spent", spent_schema()}});
  const auto tightens = [strict](const store::Reader& reader, const Caller& caller, const Policy& policy) {
    return only_tightens(reader, policy, strict(caller.env()));
  };
  routes.add(
      surface.list("/budget/policies", http::by_key<kPolicy>("budget_policies", policy_json),
                   {.summary = "List budget policies and what is spent, in order of surface", .response = shape}));
  routes.add(surface.put("/budget/policies", "budget_policy_update",
                         domain::configures(parse_policy, put_policy, tightens),
                         {.summary = "Set the budget of a surface, or of all together",
                          .request = schema::named("BudgetPolicySet", asked),
                          .response = shape}));
  const auto removal_tightens = [strict](const store::Reader& reader, const Caller& caller, const std::string& name) {
    return removal_only_tightens(reader, caller.realm(), name, strict(caller.env()));
  };
  routes.add(surface.remove("/budget/policies/{surface}", "budget_policy_remove",
                            domain::configures([](Input& input) { return domain::name_in_path(input, "surface"); },
                                               remove_policy, removal_tightens),
                            {.summary = "Remove the budget of a surface, or that of all together"}));
}

}  // namespace

void add_routes(http::RouteTable& routes, const domain::Services& services) {
  routes.describe("budget", "Usage, its cost, and the policies that cap it");
  const http::Surface surface = domain::configuring("budget", "budget_read");
  add_usage_routes(routes, surface);
  routes.add(domain::voiding("budget").act(
      "/budget/usage/{usage_id}/void", "usage_void",
      http::writes([](Input& input) { return domain::take_voiding(input, "usage_id"); }, void_usage),
      {.summary = "Void a usage event that was a mistake: it counts no more, and its id stays taken",
       .request = domain::voiding_schema(),
       .response = usage_schema(true),
       .refusals = {404, 409}}));
  add_policy_routes(routes, surface, services.strict);
}

}  // namespace nexus::budget
