// Budget policies: one for a surface, or for all of them together ('*'). Lowering a threshold or widening its window
// only tightens and is never gated. A strict env refuses a surface without any policy, so there its first policy
// tightens only where '*' has one already.
#include "daemon/budget/routes.hpp"
#include "daemon/budget/problems.hpp"
#include "daemon/domain/services.hpp"

#include "daemon/domain/made_by.hpp"
#include "daemon/domain/measures.hpp"
#include "daemon/domain/tightening.hpp"
#include "daemon/http/rows.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/model/draft.hpp"
#include "daemon/model/json.hpp"
#include "daemon/model/schema.hpp"
#include "store/budget.hpp"

namespace nexus::budget {
namespace {

using http::Applied;
using http::Input;
namespace schema = http::schema;

Json with_threshold(const Policy& policy, Json json) {
  json["threshold"] = domain::money_json(policy.threshold_micros, policy.currency);
  return json;
}

Json policy_json(const Policy& policy) { return with_threshold(policy, model::json_of(kPolicy, policy)); }

/// The part of a policy that the audit row keeps.
Json facts_of(const Policy& policy) { return with_threshold(policy, model::json_of(kPolicy, policy, {"window_days"})); }

Policy parse(Input& input) {
  Policy policy = domain::made_by(input.caller, model::take_new(kPolicy, input.body).value);
  const domain::Money threshold = domain::take_money(input.body, "threshold");
  policy.threshold_micros = threshold.amount_micros;
  policy.currency = threshold.currency;
  return policy;
}

void judge_currency(store::Tx& tx, const Policy& policy) {
  const auto kept = store::find_currency(tx, policy.realm());
  if (kept && *kept != policy.currency)
    throw Problem(problems::budget_currency_mismatch,
                  "costs are kept in one currency here: the first one that was written")
        .with_errors({{"/threshold/currency", "must be the currency of the costs before"}});
  if (!kept) store::put_currency(tx, policy.realm(), policy.currency);
}

Applied put(store::Tx& tx, const Caller&, const Policy& policy) {
  judge_currency(tx, policy);
  const auto before = store::find_row<kPolicy>(tx, policy.realm(), policy.surface);
  store::put_row<kPolicy>(tx, policy);
  return {.json = policy_json(policy),
          .subject_type = "budget_policy",
          .subject_id = policy.surface,
          .details = {{"before", before ? facts_of(*before) : Json()}, {"after", facts_of(policy)}},
          .status = 200};
}

bool only_tightens(const store::Reader& reader, const Policy& after, bool strict) {
  const auto before = store::find_row<kPolicy>(reader, after.realm(), after.surface);
  if (!before && !strict) return true;  // an unconfigured surface passes here, so a first policy can only refuse more
  if (!before) return after.surface != "*" && store::find_row<kPolicy>(reader, after.realm(), "*").has_value();
  return before->currency == after.currency && after.threshold_micros <= before->threshold_micros &&
         after.window_days >= before->window_days;
}

}  // namespace

void add_budget_policy_routes(http::RouteTable& routes, const gates::Strictness& strict) {
  const Json asked = domain::with_money_schema(model::create_schema(kPolicy), "threshold");
  const Json shape = domain::with_money_schema(model::answer_schema(kPolicy), "threshold");
  const http::Surface surface = domain::configuring("budget", "budget_read");
  const auto tightens = [strict](const store::Reader& reader, const Caller& caller, const Policy& policy) {
    return only_tightens(reader, policy, strict(caller.env()));
  };
  routes.add(surface.list("/budget/policies", http::by_key<kPolicy>("budget_policies", policy_json),
                          {.summary = "List budget policies, in order of surface", .response = shape}));
  routes.add(surface.put("/budget/policies", "budget_policy_update", domain::configures(parse, put, tightens),
                         {.summary = "Set the budget of a surface, or of all together",
                          .request = schema::named("BudgetPolicySet", asked),
                          .response = shape}));
}

void add_routes(http::RouteTable& routes, const domain::Services& services) {
  routes.describe("budget", "Usage, its cost, and the policies that cap it");
  add_usage_routes(routes);
  add_budget_policy_routes(routes, services.strict);
}

}  // namespace nexus::budget
