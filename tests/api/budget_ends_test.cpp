// How mistakes of measures are put right: usage and observations are voided, budgets removed.
#include "tests/api/measures_support.hpp"

namespace nexus::test {

Codes budget_ends_codes() {
  return {{"usage.not_found", 404},        {"usage.voided", 409},          {"budget_policy.not_found", 404},
          {"kpi_corridor.not_found", 404}, {"observation.not_found", 404}, {"observation.voided", 409}};
}

namespace {

Json dollars(std::int64_t micros, const std::string& currency = "USD") {
  return {{"amount_micros", micros}, {"currency", currency}};
}

Json used(const std::string& id, std::int64_t cost, const std::string& currency = "USD") {
  return {{"usage_id", id},    {"surface", "raw_storage"}, {"provider", "openai"},
          {"tokens_input", 1}, {"tokens_output", 1},       {"cost", dollars(cost, currency)}};
}

Json budget_of(const std::string& surface, std::int64_t cost, const std::string& currency = "USD") {
  return {{"surface", surface}, {"threshold", dollars(cost, currency)}, {"window_days", 7}};
}

Answer void_usage(Place& place, const std::string& id, const std::string& role = "admin") {
  return place.post("/budget/usage/" + id + "/void", {{"reason", "typed a nought too many"}}, role);
}

Answer remove_budget(Place& place, const std::string& surface, const std::string& env = "dev") {
  return place.world.call("DELETE", "/budget/policies/" + surface, place.as("admin", env));
}

std::int64_t spent(Place& place) {
  return place.get("/budget/usage/summary?surface=raw_storage").json.at("total_cost").at("amount_micros");
}

}  // namespace

TEST_CASE("voided usage counts no more, and a budget that it had spent lets pass again") {
  Place place;
  REQUIRE(place.put("/budget/policies", budget_of("raw_storage", 10)).status == 200);
  REQUIRE(place.post("/budget/usage", with_field(used("right", 7), "metadata", {{"views", 3}})).status == 201);
  REQUIRE(place.post("/budget/usage", with_field(used("wrong", 70), "metadata", {{"views", 30}})).status == 201);
  CHECK(outcome(place.act()) == "403 budget_threshold_exceeded");

  const Answer voided = void_usage(place, "wrong");
  CHECK(voided.status == 200);
  CHECK(voided.has("nexus-audit-seq"));
  CHECK(voided.json.at("voided_by") == place.tenant.admin.id);
  CHECK(voided.json.at("void_reason") == "typed a nought too many");
  CHECK(voided.json.at("voided_at").is_string());
  CHECK(outcome(place.act()) == "200");
  CHECK(spent(place) == 7);
  CHECK(place.get("/budget/policies").json.at("items").at(0).at("spent") == dollars(7));
  CHECK(place.get("/budget/usage/summary?group_by=surface").json.at("grouped").size() == 1);
  // The row stays, and says so.
  CHECK(place.get("/budget/usage").json.at("items").size() == 2);
  // The numbers of its metadata count no more either.
  CHECK(place.put("/temperature/ceilings", {{"surface", "raw_storage"}, {"ceilings", {{"views", 3}}}}).status == 200);
  CHECK(outcome(place.act()) == "200");
}

TEST_CASE("the id of voided usage stays taken") {
  Place place;
  REQUIRE(place.post("/budget/usage", used("u.1", 5)).status == 201);
  REQUIRE(void_usage(place, "u.1").status == 200);
  CHECK(fault(place.post("/budget/usage", used("u.1", 5))) == "409 usage.voided /usage_id");
  CHECK(fault(place.post("/budget/usage", Json::array({used("u.2", 1), used("u.1", 5)}))) ==
        "409 usage.voided /1/usage_id");
  CHECK(outcome(void_usage(place, "u.1")) == "409 usage.voided");
  CHECK(outcome(void_usage(place, "nothing")) == "404 usage.not_found");
  CHECK(spent(place) == 0);
  CHECK(place.get("/budget/usage/summary").json.at("total_events") == 0);
}

TEST_CASE("admins void with a reason, members and agents never, and neighbours find nothing") {
  Place ours, theirs;
  REQUIRE(ours.post("/budget/usage", used("u.1", 5)).status == 201);
  CHECK(outcome(void_usage(ours, "u.1", "member")) == "403 auth.insufficient_role");
  const std::string admin = ours.tenant.admin.id;
  const Person agent{admin, ours.world.new_token(admin, {{"actor_type", "agent"}})};
  CHECK(outcome(ours.world.call("POST", "/budget/usage/u.1/void", World::in(agent, ours.tenant.id),
                                Json{{"reason", "my own mistake"}})) == "403 auth.insufficient_role");
  CHECK(fault(ours.post("/budget/usage/u.1/void", Json::object(), "admin")) == "422 validation.failed /reason");
  CHECK(fault(ours.post("/budget/usage/u.1/void", {{"reason", std::string(501, 'x')}}, "admin")) ==
        "422 validation.failed /reason");
  CHECK(outcome(void_usage(theirs, "u.1")) == "404 usage.not_found");
  CHECK(spent(ours) == 5);
}

TEST_CASE("what would stop a tenant for months is an admin's to record") {
  Place place;
  const std::int64_t most = 1'000'000'000'000;
  CHECK(place.post("/budget/usage", used("u.1", most)).status == 201);
  CHECK(outcome(place.post("/budget/usage", used("u.2", most + 1))) == "403 auth.insufficient_role");
  CHECK(outcome(place.post("/budget/usage", Json::array({used("u.3", 1), used("u.2", most + 1)}))) ==
        "403 auth.insufficient_role");
  CHECK(place.post("/budget/usage", used("u.2", most + 1), "admin").status == 201);

  REQUIRE(place.post("/kpi/definitions", {{"name", "views"}, {"aggregate", "sum"}}, "admin").status == 201);
  const auto observe = [&](double value, const std::string& role) {
    return outcome(place.post("/kpi/observations", {{"kpi_name", "views"}, {"value", value}}, role));
  };
  CHECK(observe(1e15, "member") == "201");
  CHECK(observe(-1.1e15, "member") == "403 auth.insufficient_role");
  CHECK(observe(1.1e15, "admin") == "201");
}

TEST_CASE("the currency is free again once no usage counts and no budget is left") {
  Place place;
  REQUIRE(place.post("/budget/usage", used("u.1", 5)).status == 201);
  REQUIRE(place.put("/budget/policies", budget_of("cards", 1)).status == 200);
  REQUIRE(void_usage(place, "u.1").status == 200);
  CHECK(outcome(place.post("/budget/usage", used("u.2", 5, "EUR"))) == "422 budget.currency_mismatch");
  CHECK(remove_budget(place, "cards").status == 204);
  CHECK(place.post("/budget/usage", used("u.2", 5, "EUR")).status == 201);
  CHECK(outcome(place.post("/budget/usage", used("u.3", 5))) == "422 budget.currency_mismatch");

  Place other;  // the last budget goes before the last usage
  REQUIRE(other.put("/budget/policies", budget_of("*", 1)).status == 200);
  REQUIRE(other.post("/budget/usage", used("u.1", 5)).status == 201);
  CHECK(remove_budget(other, "*").status == 204);
  CHECK(outcome(other.put("/budget/policies", budget_of("*", 1, "EUR"))) == "422 budget.currency_mismatch");
  REQUIRE(void_usage(other, "u.1").status == 200);
  CHECK(other.put("/budget/policies", budget_of("*", 1, "EUR")).status == 200);
}

TEST_CASE("a budget is removed, under any spelling of its surface") {
  Place place;
  REQUIRE(place.put("/budget/policies", budget_of("raw_storage", 0)).status == 200);
  REQUIRE(place.post("/budget/usage", used("u.1", 5)).status == 201);
  CHECK(outcome(place.act()) == "403 budget_threshold_exceeded");
  CHECK(outcome(place.world.call("DELETE", "/budget/policies/raw_storage", place.as("member"))) ==
        "403 auth.insufficient_role");
  CHECK(remove_budget(place, "%EF%BD%92aw_storage").status == 204);  // a full-width r
  CHECK(outcome(place.act()) == "200");
  CHECK(outcome(remove_budget(place, "raw_storage")) == "404 budget_policy.not_found");
  CHECK(outcome(remove_budget(place, "%2A")) == "404 budget_policy.not_found");
  CHECK(place.get("/budget/policies").json.at("items").empty());
}

TEST_CASE("in a strict env the removal of the last budget only tightens, and waits for no lock; another one does") {
  Place place;
  const auto put = [&](const std::string& surface) {
    return place.world.call("PUT", "/budget/policies", World::in(place.world.root(), place.tenant.id, "staging"),
                            budget_of(surface, 1));
  };
  REQUIRE(put("raw_storage").status == 200);
  REQUIRE(put("*").status == 200);
  CHECK(outcome(remove_budget(place, "raw_storage", "staging")) == "409 strategy_lock_required");
  CHECK(outcome(remove_budget(place, "*", "staging")) == "409 strategy_lock_required");
  REQUIRE(place.world.call("DELETE", "/budget/policies/%2A", World::in(place.world.root(), place.tenant.id, "staging"))
              .status == 204);
  CHECK(remove_budget(place, "raw_storage", "staging").status == 204);
}

TEST_CASE("a voided observation counts no more") {
  Place place;
  REQUIRE(place.post("/kpi/definitions", {{"name", "newest"}, {"aggregate", "last"}}, "admin").status == 201);
  REQUIRE(place.put("/kpi/corridors", {{"kpi_name", "newest"}, {"surface", "raw_storage"}, {"ceiling", 5}}).status ==
          200);
  const auto observe = [&](double value) {
    return place.post("/kpi/observations", {{"kpi_name", "newest"}, {"surface", "raw_storage"}, {"value", value}});
  };
  REQUIRE(observe(2).status == 201);
  const std::string wrong = observe(20).json.at("observation_id");
  CHECK(outcome(place.act()) == "403 kpi_corridor_breached");
  const auto take_back = [&](const std::string& id, const std::string& role = "admin") {
    return place.post("/kpi/observations/" + id + "/void", {{"reason", "a wrong unit"}}, role);
  };
  CHECK(outcome(take_back(wrong, "member")) == "403 auth.insufficient_role");
  const Answer voided = take_back(wrong);
  CHECK(voided.status == 200);
  CHECK(voided.json.at("void_reason") == "a wrong unit");
  CHECK(outcome(place.act()) == "200");  // the last one is 2 again
  CHECK(outcome(take_back(wrong)) == "409 observation.voided");
  CHECK(outcome(take_back("nothing")) == "404 observation.not_found");
  CHECK(place.get("/kpi/observations").json.at("items").size() == 2);
}

}  // namespace nexus::test
