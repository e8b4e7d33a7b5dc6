// Budget policies: one for a surface, or for all of them together ('*'). Lowering a threshold or widening its window
// only tightens and is never gated; in a strict env, where a surface without any is refused, its first policy tightens
// only where '*' has one already.
#include "daemon/budget/routes.hpp"
#include "daemon/budget/problems.hpp"

#include "daemon/domain/measures.hpp"
#include "daemon/http/page.hpp"
#include "daemon/http/schema.hpp"
#include "store/budget.hpp"

namespace nexus::budget {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
using store::BudgetPolicy;
namespace schema = http::schema;

Json policy_json(const BudgetPolicy& policy) {
  return {
      {"tenant_id", policy.tenant_id},     {"env", policy.env},
      {"surface", policy.surface},         {"threshold", domain::money_json(policy.threshold_micros, policy.currency)},
      {"window_days", policy.window_days}, {"updated_at", to_rfc3339(policy.updated_at)},
      {"updated_by", policy.updated_by}};
}

/// What the audit row keeps of a policy.
Json facts_of(const BudgetPolicy& policy) {
  return {{"threshold", domain::money_json(policy.threshold_micros, policy.currency)},
          {"window_days", policy.window_days}};
}

BudgetPolicy parse(Input& input) {
  BudgetPolicy policy;
  policy.tenant_id = input.caller.tenant().str();
  policy.env = to_string(input.caller.env());
  policy.surface = domain::take_surface(input.body, true);
  const domain::Money threshold = domain::take_money(input.body, "threshold");
  policy.threshold_micros = threshold.amount_micros;
  policy.currency = threshold.currency;
  policy.window_days = static_cast<int>(input.body.integer("window_days", 1, domain::kWindowDaysMax));
  policy.updated_at = now_micros();
  policy.updated_by = input.caller.user_id;
  return policy;
}

void judge_currency(store::Tx& tx, const BudgetPolicy& policy) {
  const auto kept = store::find_currency(tx, policy.realm());
  if (kept && *kept != policy.currency)
    throw Problem(problems::budget_currency_mismatch,
                  "costs are kept in one currency here: the first one that was written")
        .with_errors({{"/threshold/currency", "must be the currency of the costs before"}});
  if (!kept) store::put_currency(tx, policy.realm(), policy.currency);
}

Applied put(store::Tx& tx, const Caller&, const BudgetPolicy& policy) {
  judge_currency(tx, policy);
  const auto before = store::find_budget_policy(tx, policy.realm(), policy.surface);
  store::put_budget_policy(tx, policy);
  return {.json = policy_json(policy),
          .subject_type = "budget_policy",
          .subject_id = policy.surface,
          .details = {{"before", before ? facts_of(*before) : Json()}, {"after", facts_of(policy)}},
          .status = 200};
}

bool only_tightens(const store::Reader& reader, const BudgetPolicy& after, bool strict) {
  const auto before = store::find_budget_policy(reader, after.realm(), after.surface);
  if (!before && !strict) return true;  // nothing configured lets pass here, so a first policy can only refuse more
  if (!before) return after.surface != "*" && store::find_budget_policy(reader, after.realm(), "*").has_value();
  return before->currency == after.currency && after.threshold_micros <= before->threshold_micros &&
         after.window_days >= before->window_days;
}

http::Write handle_put(Input& input, const gates::Strictness& strict) {
  const BudgetPolicy policy = parse(input);
  http::Write write;
  write.surface = policy.surface;
  write.apply = [policy](store::Tx& tx, const Caller& caller) { return put(tx, caller, policy); };
  write.tightens = [policy, strict](const store::Reader& reader, const Caller& caller) {
    return only_tightens(reader, policy, strict(caller.env()));
  };
  return write;
}

Reply list(const store::Reader& reader, const Caller& caller, const http::Page& page) {
  return {.json = http::page_json<BudgetPolicy>(
              page, store::list_budget_policies(reader, caller.realm(), page.mark, page.limit + 1), policy_json,
              [](const BudgetPolicy& row) { return row.surface; })};
}

Json policy_schema(bool answer) {
  Json out = schema::object({"surface", "threshold", "window_days"}, {{"surface", domain::surface_schema(true)},
                                                                      {"threshold", domain::money_schema()},
                                                                      {"window_days", domain::window_days_schema()}});
  if (!answer) return schema::named("BudgetPolicySet", std::move(out));
  out["properties"]["updated_at"] = schema::time();
  out["properties"]["updated_by"] = schema::text();
  return schema::named("BudgetPolicy", domain::with_context_schema(std::move(out)));
}

}  // namespace

void add_budget_policy_routes(http::RouteTable& routes, const gates::Strictness& strict) {
  routes.add(
      domain::measure_route("/budget/policies", "budget_read",
                            http::reads([](Input& input) { return http::take_page(input, "budget_policies"); }, list),
                            {"List budget policies, in order of surface",
                             "budget",
                             {},
                             schema::page(policy_schema(true)),
                             200,
                             http::page_parameters(),
                             {}}));
  routes.add(domain::config_route("PUT", "/budget/policies", "budget_policy_update", Direction::told,
                                  [strict](Input& input) { return handle_put(input, strict); },
                                  {"Set the budget of a surface, or of all together",
                                   "budget",
                                   policy_schema(false),
                                   policy_schema(true),
                                   200,
                                   {},
                                   {}}));
}

}  // namespace nexus::budget
