// Usage and budgets through the public surface: the story, each bad field, who may, and that neighbours see nothing.
#include <set>

#include "tests/api/measures_support.hpp"

namespace nexus::test {
namespace {

Json money(std::int64_t micros, const std::string& currency = "USD") {
  return {{"amount_micros", micros}, {"currency", currency}};
}

Json usage(std::int64_t cost = 1'250'000) {
  return {{"provider", "openai"}, {"tokens_input", 10}, {"tokens_output", 20}, {"cost", money(cost)}};
}

Answer record(Place& place, const Json& body) { return place.post("/budget/usage", body); }

Answer set_policy(Place& place, const Json& body) { return place.put("/budget/policies", body); }

}  // namespace

TEST_CASE("usage is recorded, listed and summed, and a spent budget refuses until it is raised") {
  Place place;
  CHECK(outcome(set_policy(place, {{"surface", "raw_storage"}, {"threshold", money(1'250'000)}, {"window_days", 7}})) ==
        "200");
  const Answer first = record(place, with_field(usage(), "surface", "raw_storage"));
  CHECK(first.status == 201);
  CHECK(first.has("nexus-audit-seq"));
  CHECK(first.json.at("cost") == money(1'250'000));
  CHECK(first.json.at("surface") == "raw_storage");
  CHECK(outcome(place.act()) == "200");  // at the threshold, not above it

  CHECK(record(place, with_field(usage(1), "surface", "raw_storage")).status == 201);
  const Answer refused = place.act();
  CHECK(outcome(refused) == "403 budget_threshold_exceeded");
  CHECK(refused.has("nexus-audit-seq"));
  CHECK(refused.json.at("remedy") ==
        "nexusctl budget policy raw_storage --threshold AMOUNT --currency USD --window-days 7");
  CHECK(refused.json.at("detail").get<std::string>().ends_with(
      " in the last 7 days is 1.250001 USD, above its threshold of 1.25 USD"));
  CHECK(place.get("/budget/policies").json.at("items").at(0).at("spent") == money(1'250'001));
  CHECK(refused.json.at("decision").at("gates").back().at("gate") == "budget");

  const Answer summary = place.get("/budget/usage/summary?surface=raw_storage&group_by=provider");
  CHECK(summary.json.at("total_cost") == money(1'250'001));
  CHECK(summary.json.at("total_events") == 2);
  CHECK(summary.json.at("window_days") == 7);
  CHECK(summary.json.at("grouped") == Json::array({{{"key", "openai"}, {"cost", money(1'250'001)}, {"count", 2}}}));
  CHECK(place.get("/budget/usage").json.at("items").size() == 2);
  // What was spent stops neither more usage nor a higher threshold.
  CHECK(outcome(set_policy(place, {{"surface", "raw_storage"}, {"threshold", money(2'000'000)}, {"window_days", 7}})) ==
        "200");
  CHECK(outcome(place.act()) == "200");
}

TEST_CASE("the star caps all surfaces together, and usage without a surface counts in it alone") {
  Place place;
  CHECK(set_policy(place, {{"surface", "*"}, {"threshold", money(10)}, {"window_days", 1}}).status == 200);
  CHECK(record(place, usage(6)).status == 201);
  CHECK(record(place, with_field(usage(4), "surface", "cards")).status == 201);
  CHECK(outcome(place.act()) == "200");
  CHECK(record(place, usage(1)).status == 201);
  CHECK(outcome(place.act()) == "403 budget_threshold_exceeded");
  CHECK(place.get("/budget/usage/summary?surface=cards").json.at("total_cost") == money(4));
  const Json grouped = place.get("/budget/usage/summary?group_by=surface").json.at("grouped");
  CHECK(grouped.at(0) == Json{{"key", nullptr}, {"cost", money(7)}, {"count", 2}});
}

TEST_CASE("usage is listed between two times, page by page") {
  Place place;
  const auto ago = [](Micros back) { return to_rfc3339(now_micros() - back); };
  for (const int hours : {1, 3, 5, 7})
    REQUIRE(record(place, with_field(with_field(usage(), "usage_id", "h" + std::to_string(hours)), "occurred_at",
                                     ago(hours * kHour)))
                .status == 201);
  const auto ids = [&](const std::string& query) {
    std::string out, cursor;
    do {
      const Json page = place.get("/budget/usage?limit=1" + query + (cursor.empty() ? "" : "&cursor=" + cursor)).json;
      for (const Json& item : page.at("items")) out += item.at("usage_id").get<std::string>() + " ";
      cursor = page.at("next_cursor").is_string() ? page.at("next_cursor").get<std::string>() : "";
    } while (!cursor.empty());
    return out;
  };
  CHECK(ids("") == "h1 h3 h5 h7 ");
  CHECK(ids("&since=" + ago(6 * kHour)) == "h1 h3 h5 ");
  CHECK(ids("&until=" + ago(4 * kHour)) == "h5 h7 ");
  CHECK(ids("&since=" + ago(6 * kHour) + "&until=" + ago(2 * kHour)) == "h3 h5 ");
  CHECK(ids("&since=2999-01-01T00:00:00Z").empty());
  // From a time on, and before one.
  const std::string at = place.get("/budget/usage").json.at("items").at(2).at("occurred_at");
  CHECK(ids("&since=" + at) == "h1 h3 h5 ");
  CHECK(ids("&until=" + at) == "h7 ");
  CHECK(fault(place.get("/budget/usage?since=yesterday")) == "422 validation.failed /query/since");
  CHECK(fault(place.get("/budget/usage?since=" + ago(0) + "&until=" + ago(kHour))) ==
        "422 validation.failed /query/until");
}

TEST_CASE("a refusal of another currency names both") {
  Place place;
  REQUIRE(record(place, usage(1)).status == 201);
  Json other = usage(1);
  other["cost"] = money(1, "EUR");
  const Answer refused = record(place, other);
  CHECK(outcome(refused) == "422 budget.currency_mismatch");
  const std::string detail = refused.json.at("detail");
  CHECK(detail.starts_with("costs are kept in USD here"));
  CHECK(detail.find("not in EUR") != std::string::npos);
  CHECK(refused.json.at("errors") == Json::array({{{"pointer", "/cost/currency"}, {"detail", "must be USD"}}}));
}

TEST_CASE("a batch is written whole or not at all") {
  Place place;
  Json batch = Json::array({usage(1), usage(2), usage(3)});
  const Answer all = record(place, batch);
  CHECK(all.status == 201);
  CHECK(all.json.at("recorded") == 3);
  CHECK(all.json.at("items").size() == 3);
  batch[1]["cost"] = money(-1);
  CHECK(fault(record(place, batch)) == "422 validation.failed /1/cost/amount_micros");
  batch[1]["cost"] = money(1, "EUR");
  CHECK(fault(record(place, batch)) == "422 budget.currency_mismatch /1/cost/currency");
  CHECK(outcome(record(place, Json::array())) == "422 validation.failed");
  CHECK(record(place, Json(1000, usage(0))).status == 201);
  CHECK(outcome(record(place, Json(1001, usage(0)))) == "422 validation.failed");
  batch[1] = with_field(usage(), "tenant_id", "t_other");
  CHECK(outcome(record(place, batch)) == "400 context.mismatch");
  batch[1] = with_field(usage(), "tenant_id", place.tenant.id);
  CHECK(record(place, batch).status == 201);
  CHECK(place.get("/budget/usage/summary").json.at("total_events") == 1006);
}

TEST_CASE("a batch adds to at most 2000 rows of hours and days") {
  Place place;
  // Eight rows are shared: an hour and a day of all, of the surface, of the provider and of the tool. Each model is
  // two.
  const auto models = [at = to_rfc3339(now_micros() - kHour)](int count) {
    Json batch = Json::array();
    for (int i = 0; i < count; ++i)
      batch.push_back(with_field(with_field(usage(1), "occurred_at", at), "model_or_plan_id", std::to_string(i)));
    return batch;
  };
  const Answer refused = record(place, models(997));
  CHECK(fault(refused) == "422 validation.failed ");
  CHECK(refused.json.at("errors").at(0).at("detail") == "would make 2002 rollup rows, at most 2000: send it in parts");
  CHECK(place.get("/budget/usage").json.at("items").empty());
  CHECK(record(place, models(996)).status == 201);

  Json numbers = Json::object();
  for (int i = 0; i < 32; ++i) numbers["number-" + std::to_string(i)] = i;
  Json batch = Json::array();
  for (int i = 0; i < 32; ++i)
    batch.push_back(with_field(with_field(usage(1), "surface", "s-" + std::to_string(i)), "metadata", numbers));
  CHECK(outcome(record(place, batch)) == "422 validation.failed");
  CHECK(record(place, batch[0]).status == 201);
}

TEST_CASE("a usage_id counts once, and stands for one event") {
  Place place;
  const Json sent = with_field(usage(), "usage_id", "u.1");
  const Answer first = record(place, sent);
  CHECK(first.status == 201);
  const Answer again = record(place, sent);
  CHECK(again.status == 200);
  CHECK(again.json == first.json);
  CHECK(again.header("nexus-audit-seq") == first.header("nexus-audit-seq"));
  CHECK(fault(record(place, with_field(sent, "provider", "other"))) == "409 budget.usage_conflict /usage_id");
  CHECK(fault(record(place, Json::array({usage(), with_field(sent, "tokens_input", 11)}))) ==
        "409 budget.usage_conflict /1/usage_id");
  const Answer mixed = record(place, Json::array({sent, usage(5), sent}));
  CHECK(mixed.status == 201);
  CHECK(mixed.json.at("recorded") == 1);
  CHECK(place.get("/budget/usage/summary").json.at("total_cost") == money(1'250'005));
}

TEST_CASE("each field of usage is judged by name") {
  Place place;
  struct Case {
    const char* field;
    Json value;
    const char* pointer;
  };
  const Case cases[] = {{"provider", "", "/provider"},
                        {"provider", nullptr, "/provider"},
                        {"provider", 7, "/provider"},
                        {"tokens_input", -1, "/tokens_input"},
                        {"tokens_output", 1.5, "/tokens_output"},
                        {"cost", nullptr, "/cost"},
                        {"cost", 12, "/cost"},
                        {"cost", money(-1), "/cost/amount_micros"},
                        {"cost", Json{{"amount_micros", 1.5}, {"currency", "USD"}}, "/cost/amount_micros"},
                        {"cost", money(1, "DOLLAR"), "/cost/currency"},
                        {"cost", Json{{"amount_micros", 1}}, "/cost/currency"},
                        {"surface", "*", "/surface"},
                        {"surface", "a b", "/surface"},
                        {"usage_id", "-a", "/usage_id"},
                        {"usage_id", std::string(129, 'a'), "/usage_id"},
                        {"metadata", "text", "/metadata"},
                        {"occurred_at", "2026-11-23T01:02:03", "/occurred_at"},
                        {"occurred_at", "2001-01-01T00:00:00Z", "/occurred_at"},
                        {"occurred_at", "2999-01-01T00:00:00Z", "/occurred_at"}};
  for (const Case& one : cases) {
    INFO(one.field << " = " << one.value.dump());
    CHECK(fault(record(place, with_field(usage(), one.field, one.value))) ==
          std::string("422 validation.failed ") + one.pointer);
  }
  CHECK(fault(record(place, with_field(usage(), "costs", 1))) == "422 validation.unknown_field /costs");
  Json money_more = money(1);
  money_more["amount"] = 1;
  CHECK(fault(record(place, with_field(usage(), "cost", money_more))) == "422 validation.unknown_field /cost/amount");
  CHECK(place.get("/budget/usage").json.at("items").empty());
}

TEST_CASE("one currency is kept per tenant and env") {
  Place place;
  CHECK(record(place, usage()).status == 201);
  CHECK(fault(record(place, with_field(usage(), "cost", money(1, "EUR")))) ==
        "422 budget.currency_mismatch /cost/currency");
  CHECK(fault(set_policy(place, {{"surface", "*"}, {"threshold", money(1, "EUR")}, {"window_days", 1}})) ==
        "422 budget.currency_mismatch /threshold/currency");
}

TEST_CASE("a currency is written in any case, and shown in capitals") {
  Place place;
  const Json sent = with_field(with_field(usage(), "cost", money(1, "usd")), "usage_id", "u.1");
  CHECK(record(place, sent).json.at("cost") == money(1));
  CHECK(record(place, with_field(sent, "cost", money(1, "USD"))).status == 200);  // the same event
  const Answer policy = set_policy(place, {{"surface", "*"}, {"threshold", money(2, "Usd")}, {"window_days", 1}});
  CHECK(policy.json.at("threshold") == money(2));
  CHECK(policy.json.at("spent") == money(1));
}

TEST_CASE("a disabled provider is refused in any case, in a batch too, and nothing is written") {
  Place place;
  place.world.put_kill_switches(place.tenant.admin, place.tenant.id, {{"disable_providers", {"OpenAI"}}});
  CHECK(outcome(record(place, with_field(usage(), "provider", "OPENAI"))) == "403 kill_switch_blocked");
  CHECK(outcome(record(place, Json::array({with_field(usage(), "provider", "other"), usage()}))) ==
        "403 kill_switch_blocked");
  CHECK(record(place, with_field(usage(), "provider", "other")).status == 201);
  CHECK(place.get("/budget/usage").json.at("items").size() == 1);
}

TEST_CASE("each field of a policy is judged by name") {
  Place place;
  const Json good = {{"surface", "cards"}, {"threshold", money(1)}, {"window_days", 90}};
  CHECK(set_policy(place, good).status == 200);
  CHECK(set_policy(place, with_field(good, "window_days", 1)).status == 200);
  CHECK(fault(set_policy(place, with_field(good, "window_days", 0))) == "422 validation.failed /window_days");
  CHECK(fault(set_policy(place, with_field(good, "window_days", 91))) == "422 validation.failed /window_days");
  CHECK(fault(set_policy(place, with_field(good, "surface", "a/b"))) == "422 validation.failed /surface");
  CHECK(fault(set_policy(place, with_field(good, "surface", nullptr))) == "422 validation.failed /surface");
  CHECK(fault(set_policy(place, with_field(good, "threshold", money(-1)))) ==
        "422 validation.failed /threshold/amount_micros");
  CHECK(fault(set_policy(place, with_field(good, "treshold", money(1)))) == "422 validation.unknown_field /treshold");
  CHECK(fault(place.get("/budget/usage/summary?window_days=91")) == "422 validation.failed /query/window_days");
  CHECK(fault(place.get("/budget/usage/summary?group_by=colour")) == "422 validation.failed /query/group_by");
  CHECK(fault(place.get("/budget/usage/summary?group=provider")) == "422 validation.unknown_field /query/group");
}

TEST_CASE("members record, admins set budgets, viewers read") {
  Place place;
  const Json policy = {{"surface", "cards"}, {"threshold", money(1)}, {"window_days", 7}};
  CHECK(outcome(place.world.call("POST", "/budget/usage", place.as("viewer"), usage())) ==
        "403 auth.insufficient_role");
  CHECK(outcome(place.world.call("PUT", "/budget/policies", place.as("member"), policy)) ==
        "403 auth.insufficient_role");
  CHECK(outcome(place.world.call("PUT", "/budget/policies", place.as("owner"), policy)) == "200");
  CHECK(place.get("/budget/policies").json.at("items").size() == 1);
}

TEST_CASE("neighbours and other envs see nothing of usage and budgets") {
  Place ours, theirs;
  CHECK(record(ours, with_field(usage(), "usage_id", "shared-id")).status == 201);
  CHECK(set_policy(ours, {{"surface", "*"}, {"threshold", money(0)}, {"window_days", 7}}).status == 200);
  CHECK(outcome(ours.act()) == "403 budget_threshold_exceeded");
  CHECK(outcome(theirs.act()) == "200");
  CHECK(theirs.get("/budget/usage").json.at("items").empty());
  CHECK(theirs.get("/budget/policies").json.at("items").empty());
  CHECK(theirs.get("/budget/usage/summary").json.at("total_events") == 0);
  CHECK(theirs.get("/budget/usage/summary").json.at("total_cost").at("currency").is_null());
  CHECK(record(theirs, with_field(usage(), "usage_id", "shared-id")).status == 201);
  CHECK(ours.get("/budget/usage", "staging").json.at("items").empty());
  const Answer stranger = ours.world.call("GET", "/budget/usage", World::in(theirs.tenant.owner, ours.tenant.id));
  CHECK(outcome(stranger) == "403 auth.not_a_member");
}

TEST_CASE("usage pages by time, each event once") {
  Place place;
  CHECK(record(place, Json(5, usage())).status == 201);
  std::set<std::string> seen;
  std::string target = "/budget/usage?limit=2";
  for (int page = 0; page < 3; ++page) {
    const Answer answer = place.get(target);
    for (const Json& item : answer.json.at("items")) seen.insert(item.at("usage_id"));
    if (answer.json.at("next_cursor").is_null()) break;
    target = "/budget/usage?limit=2&cursor=" + answer.json.at("next_cursor").get<std::string>();
  }
  CHECK(seen.size() == 5);
}

}  // namespace nexus::test
