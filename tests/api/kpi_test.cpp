// KPIs through the public surface: the story, each bad field, who may, and that neighbours see nothing.
#include "tests/api/measures_support.hpp"

namespace nexus::test {
namespace {

void define(Place& place, const std::string& name, const std::string& aggregate) {
  REQUIRE(
      place.world.call("POST", "/kpi/definitions", place.as("admin"), Json{{"name", name}, {"aggregate", aggregate}})
          .status == 201);
}

Answer observe(Place& place, const std::string& name, double value) {
  return place.post("/kpi/observations", {{"kpi_name", name}, {"surface", "raw_storage"}, {"value", value}});
}

Json corridor(const std::string& name) { return {{"kpi_name", name}, {"surface", "raw_storage"}}; }

}  // namespace

TEST_CASE("a KPI is defined, bounded, observed, and refuses outside its corridor") {
  Place place;
  define(place, "conversion", "mean");
  const Answer set = place.put(
      "/kpi/corridors",
      {{"kpi_name", "conversion"}, {"surface", "raw_storage"}, {"floor", 1.5}, {"ceiling", 3}, {"require_data", true}});
  CHECK(set.status == 200);
  CHECK(set.has("nexus-audit-seq"));
  CHECK(set.json.at("window_days") == 7);
  const Answer missing = place.act();
  CHECK(outcome(missing) == "403 kpi_threshold_missing");
  CHECK(missing.json.at("remedy").get<std::string>().starts_with("nexusctl kpi observe"));
  CHECK(observe(place, "conversion", 1).status == 201);
  const Answer refused = place.act();
  CHECK(outcome(refused) == "403 kpi_corridor_breached");
  CHECK(refused.json.at("detail").get<std::string>().ends_with(
      " is 1 (mean of 1 observation in the last 7 days), below its floor of 1.5"));
  CHECK(refused.json.at("remedy") ==
        "nexusctl kpi corridor conversion --surface raw_storage --floor NUMBER --ceiling 3 --window-days 7 "
        "--require-data");
  CHECK(observe(place, "conversion", 2).status == 201);  // the mean is 1.5, on the floor
  CHECK(outcome(place.act()) == "200");
  CHECK(observe(place, "conversion", 10).status == 201);
  CHECK(outcome(place.act()) == "403 kpi_corridor_breached");
  // Configuration stays repairable: without its ceiling the corridor holds no more.
  CHECK(outcome(place.put("/kpi/corridors", corridor("conversion"))) == "200");
  CHECK(outcome(place.act()) == "200");
  CHECK(place.get("/kpi/observations").json.at("items").size() == 3);
  const Json config = place.get("/kpi/config").json;
  CHECK(config.at("definitions").size() == 1);
  CHECK(config.at("corridors").size() == 1);
}

TEST_CASE("sum and last aggregate as they say, and the star judges all surfaces together") {
  Place place;
  define(place, "total", "sum");
  define(place, "newest", "last");
  for (const char* name : {"total", "newest"}) {
    CHECK(observe(place, name, 4).status == 201);
    CHECK(place.post("/kpi/observations", {{"kpi_name", name}, {"surface", "cards"}, {"value", 5}}).status == 201);
  }
  CHECK(place.put("/kpi/corridors", {{"kpi_name", "total"}, {"surface", "*"}, {"ceiling", 9}}).status == 200);
  CHECK(place.put("/kpi/corridors", {{"kpi_name", "newest"}, {"surface", "*"}, {"floor", 5}}).status == 200);
  CHECK(outcome(place.act()) == "200");
  CHECK(place.put("/kpi/corridors", {{"kpi_name", "total"}, {"surface", "*"}, {"ceiling", 8.5}}).status == 200);
  CHECK(outcome(place.act()) == "403 kpi_corridor_breached");
}

TEST_CASE("ten observations of 0.1 reach a floor of 1, at both gates that read them") {
  Place place;
  define(place, "tenths", "sum");
  CHECK(place.put("/kpi/corridors", {{"kpi_name", "tenths"}, {"surface", "raw_storage"}, {"floor", 1}}).status == 200);
  CHECK(
      place.put("/temperature/floors", {{"surface", "raw_storage"}, {"performance_floors", {{"tenths", 1}}}}).status ==
      200);
  for (int i = 0; i < 9; ++i) CHECK(observe(place, "tenths", 0.1).status == 201);
  CHECK(outcome(place.act()) == "403 kpi_corridor_breached");
  CHECK(observe(place, "tenths", 0.1).status == 201);
  CHECK(outcome(place.act()) == "200");
}

TEST_CASE("an observation without surface is of its KPI's") {
  Place place;
  CHECK(place.world
            .call("POST", "/kpi/definitions", place.as("admin"),
                  Json{{"name", "k"}, {"aggregate", "sum"}, {"surface", "raw_storage"}})
            .status == 201);
  CHECK(place.post("/kpi/observations", {{"kpi_name", "k"}, {"value", 1}}).json.at("surface") == "raw_storage");
  CHECK(place.world.call("POST", "/kpi/definitions", place.as("admin"), Json{{"name", "k"}, {"aggregate", "mean"}})
            .status == 200);
  CHECK(place.get("/kpi/definitions").json.at("items").at(0).at("aggregate") == "mean");
  CHECK(place.post("/kpi/observations", {{"kpi_name", "k"}, {"value", 1}}).json.at("surface").is_null());
}

TEST_CASE("each field of KPIs is judged by name") {
  Place place;
  define(place, "k", "sum");
  const auto definition = [&](const std::string& field, const Json& value) {
    return fault(place.world.call("POST", "/kpi/definitions", place.as("admin"),
                                  with_field({{"name", "n"}, {"aggregate", "sum"}}, field, value)));
  };
  CHECK(definition("name", "a b") == "422 validation.failed /name");
  CHECK(definition("name", nullptr) == "422 validation.failed /name");
  CHECK(definition("aggregate", "median") == "422 validation.failed /aggregate");
  CHECK(definition("aggregate", nullptr) == "422 validation.failed /aggregate");
  CHECK(definition("surface", "*") == "422 validation.failed /surface");
  CHECK(definition("unit", "") == "422 validation.failed /unit");
  CHECK(definition("agregate", "sum") == "422 validation.unknown_field /agregate");

  const auto bound = [&](const std::string& field, const Json& value) {
    return fault(place.put("/kpi/corridors", with_field(with_field(corridor("k"), "ceiling", 1), field, value)));
  };
  CHECK(bound("kpi_name", "undefined") == "422 validation.failed /kpi_name");
  CHECK(bound("floor", 2) == "422 validation.failed /floor");
  CHECK(bound("floor", 1) == "200 ");
  CHECK(bound("floor", "1") == "422 validation.failed /floor");
  CHECK(bound("surface", nullptr) == "422 validation.failed /surface");
  CHECK(bound("window_days", 0) == "422 validation.failed /window_days");
  CHECK(bound("window_days", 91) == "422 validation.failed /window_days");
  CHECK(bound("require_data", 1) == "422 validation.failed /require_data");
  CHECK(bound("flor", 1) == "422 validation.unknown_field /flor");

  const auto observation = [&](const std::string& field, const Json& value) {
    return fault(place.post("/kpi/observations", with_field({{"kpi_name", "k"}, {"value", 1}}, field, value)));
  };
  CHECK(observation("kpi_name", "undefined") == "422 validation.failed /kpi_name");
  CHECK(observation("value", "1") == "422 validation.failed /value");
  CHECK(observation("value", nullptr) == "422 validation.failed /value");
  CHECK(observation("observed_at", "2026-11-23T01:02:03") == "422 validation.failed /observed_at");
  CHECK(observation("observed_at", "2001-01-01T00:00:00Z") == "422 validation.failed /observed_at");
  CHECK(observation("observation_id", "x") == "422 validation.unknown_field /observation_id");
  for (const char* text : {R"({"kpi_name":"k","value":1e999})", R"({"kpi_name":"k","value":NaN})"})
    CHECK(outcome(place.world.call("POST", "/kpi/observations", place.as("member"), std::string(text))) ==
          "400 request.invalid_json");
  CHECK(place.get("/kpi/observations").json.at("items").empty());
}

TEST_CASE("members observe, admins configure, viewers read KPIs") {
  Place place;
  define(place, "k", "sum");
  CHECK(outcome(place.post("/kpi/definitions", {{"name", "n"}, {"aggregate", "sum"}})) == "403 auth.insufficient_role");
  CHECK(outcome(place.world.call("PUT", "/kpi/corridors", place.as("member"), corridor("k"))) ==
        "403 auth.insufficient_role");
  CHECK(outcome(place.post("/kpi/observations", {{"kpi_name", "k"}, {"value", 1}}, "viewer")) ==
        "403 auth.insufficient_role");
  CHECK(place.get("/kpi/corridors").status == 200);
}

TEST_CASE("neighbours and other envs see nothing of KPIs") {
  Place ours, theirs;
  define(ours, "k", "sum");
  CHECK(
      ours.put("/kpi/corridors", {{"kpi_name", "k"}, {"surface", "*"}, {"floor", 1}, {"require_data", true}}).status ==
      200);
  CHECK(outcome(ours.act()) == "403 kpi_threshold_missing");
  CHECK(outcome(theirs.act()) == "200");
  for (const char* list : {"/kpi/definitions", "/kpi/corridors", "/kpi/observations"}) {
    CHECK(theirs.get(list).json.at("items").empty());
    CHECK(ours.get(list, "staging").json.at("items").empty());
  }
  CHECK(fault(theirs.post("/kpi/observations", {{"kpi_name", "k"}, {"value", 1}})) ==
        "422 validation.failed /kpi_name");
  CHECK(fault(theirs.put("/kpi/corridors", corridor("k"))) == "422 validation.failed /kpi_name");
}

TEST_CASE("a corridor is removed, under any spelling of its names, and its KPI and the other corridors stay") {
  Place place;
  define(place, "conversion", "mean");
  for (const char* surface : {"raw_storage", "*"})
    CHECK(place.put("/kpi/corridors", {{"kpi_name", "conversion"}, {"surface", surface}, {"floor", 5}}).status == 200);
  CHECK(observe(place, "conversion", 1).status == 201);
  CHECK(outcome(place.act()) == "403 kpi_corridor_breached");
  const auto remove = [&](const std::string& name, const std::string& role = "admin", const std::string& env = "dev") {
    return place.world.call("DELETE", "/kpi/corridors/" + name, place.as(role, env));
  };
  CHECK(outcome(remove("conversion/raw_storage", "member")) == "403 auth.insufficient_role");
  const Answer gone = remove("conversion/%EF%BD%92aw_storage");  // a full-width r
  CHECK(gone.status == 204);
  CHECK(gone.has("nexus-audit-seq"));
  CHECK(outcome(place.act()) == "403 kpi_corridor_breached");  // by the star
  CHECK(remove("conversion/%2A").status == 204);
  CHECK(outcome(place.act()) == "200");
  for (const char* absent : {"conversion/raw_storage", "conversion/%2A", "nothing/raw_storage"})
    CHECK(outcome(remove(absent)) == "404 kpi_corridor.not_found");
  const Answer nothing = remove("conversion/mail");
  CHECK(nothing.json.at("detail") == "the KPI conversion has no corridor for the surface mail in this tenant and env");
  CHECK(nothing.json.at("remedy") == "nexusctl kpi corridors");
  CHECK(place.get("/kpi/corridors").json.at("items").empty());
  CHECK(place.get("/kpi/definitions").json.at("items").size() == 1);
  // It can be set again.
  CHECK(place.put("/kpi/corridors", {{"kpi_name", "conversion"}, {"surface", "*"}, {"floor", 5}}).status == 200);
  CHECK(outcome(place.act()) == "403 kpi_corridor_breached");
  Place theirs;
  CHECK(outcome(theirs.world.call("DELETE", "/kpi/corridors/conversion/%2A", theirs.as("admin"))) ==
        "404 kpi_corridor.not_found");
  CHECK(outcome(remove("conversion/%2A", "admin", "staging")) == "409 strategy_lock_required");
}

TEST_CASE("in a strict env the removal of the last corridor only tightens, and waits for no lock; another one does") {
  Place place;
  const auto as_root = [&] { return World::in(place.world.root(), place.tenant.id, "staging"); };
  const auto remove = [&](const std::string& name) {
    return place.world.call("DELETE", "/kpi/corridors/" + name, place.as("admin", "staging"));
  };
  for (const char* name : {"one", "two"})
    REQUIRE(
        place.world.call("POST", "/kpi/definitions", as_root(), Json{{"name", name}, {"aggregate", "sum"}}).status ==
        201);
  const auto put = [&](const std::string& name, const std::string& surface) {
    return place.world
        .call("PUT", "/kpi/corridors", as_root(), Json{{"kpi_name", name}, {"surface", surface}, {"floor", 1}})
        .status;
  };
  REQUIRE(put("one", "raw_storage") == 200);
  REQUIRE(put("two", "raw_storage") == 200);
  REQUIRE(put("one", "*") == 200);
  for (const char* loosens : {"one/raw_storage", "two/raw_storage", "one/%2A"})
    CHECK(outcome(remove(loosens)) == "409 strategy_lock_required");
  REQUIRE(place.world.call("DELETE", "/kpi/corridors/one/%2A", as_root()).status == 204);
  CHECK(outcome(remove("one/raw_storage")) == "409 strategy_lock_required");
  REQUIRE(place.world.call("DELETE", "/kpi/corridors/one/raw_storage", as_root()).status == 204);
  CHECK(remove("two/raw_storage").status == 204);
}

}  // namespace nexus::test
