// Temperature through the public surface: the story, each bad field, ETag, who may, and that neighbours see nothing.
#include "tests/api/measures_support.hpp"

namespace nexus::test {
namespace {

const std::string kSurface = "raw_storage";

Json floors(const Json& map) {
  return {{"surface", kSurface}, {"performance_floors", map}, {"cadence_floors", Json::object()}};
}
Json ceilings(const Json& map) { return {{"surface", kSurface}, {"ceilings", map}}; }
Json weights(const Json& map) { return {{"surface", kSurface}, {"weights", map}}; }

void use(Place& place, const Json& metadata) {
  REQUIRE(place
              .post("/budget/usage", {{"provider", "p"},
                                      {"surface", kSurface},
                                      {"tokens_input", 0},
                                      {"tokens_output", 0},
                                      {"cost", {{"amount_micros", 0}, {"currency", "USD"}}},
                                      {"metadata", metadata}})
              .status == 201);
}

}  // namespace

TEST_CASE("a surface is bounded, measured from usage and KPIs, refused while out of bounds, and recorded") {
  Place place;
  const Json never = place.get("/temperature/config?surface=raw_storage").json;
  for (const char* part : {"floors", "ceilings", "weights"}) CHECK(never.at(part).is_null());
  CHECK(place.put("/temperature/weights", weights({{"views", 1}, {"errors", -1}})).status == 200);
  CHECK(outcome(place.act()) == "200");  // weights alone configure nothing
  CHECK(place.put("/temperature/floors", floors({{"views", 3}})).status == 200);
  const Answer refused = place.act();
  CHECK(outcome(refused) == "403 temperature_breach");
  CHECK(refused.json.at("remedy") == "nexusctl temperature current raw_storage");
  use(place, {{"views", 1.5}, {"note", "no number"}, {"errors", 2}, {"nested", {{"views", 100}}}});
  use(place, {{"views", 1.5}});
  CHECK(outcome(place.act()) == "200");
  CHECK(place.put("/temperature/ceilings", ceilings({{"errors", 1}})).status == 200);
  CHECK(outcome(place.act()) == "403 temperature_breach");

  const Json now = place.get("/temperature/current?surface=raw_storage").json;
  CHECK(now.at("value") == 0.5);
  CHECK(now.at("floors_breached").empty());
  CHECK(now.at("ceilings_breached") == Json::array({"errors"}));
  CHECK(now.at("raw_metrics") == Json{{"views", 3.0}, {"errors", 2.0}});
  CHECK(place.get("/temperature/history?surface=raw_storage").json.at("items").empty());
  const Answer snapshot = place.post("/temperature/snapshots", {{"surface", kSurface}});
  CHECK(snapshot.status == 201);
  CHECK(snapshot.has("nexus-audit-seq"));
  const Json history = place.get("/temperature/history?surface=raw_storage").json.at("items");
  REQUIRE(history.size() == 1);
  CHECK(history.at(0) == snapshot.json);
  CHECK(place.put("/temperature/ceilings", ceilings(Json::object())).status == 200);
  CHECK(outcome(place.act()) == "200");
}

TEST_CASE("a KPI of the metric's name is aggregated as defined, before usage") {
  Place place;
  CHECK(place.put("/temperature/weights", weights({{"views", 2}})).status == 200);
  use(place, {{"views", 100}});
  CHECK(place.get("/temperature/current?surface=raw_storage").json.at("value") == 100.0);
  CHECK(place.post("/kpi/definitions", {{"name", "views"}, {"aggregate", "mean"}}, "admin").status == 201);
  for (const double value : {1.0, 2.0})
    CHECK(place.post("/kpi/observations", {{"kpi_name", "views"}, {"surface", kSurface}, {"value", value}}).status ==
          201);
  CHECK(place.get("/temperature/current?surface=raw_storage").json.at("value") == 1.5);
  CHECK(place.get("/temperature/current?surface=raw_storage&window_days=1").json.at("value") == 1.5);
}

TEST_CASE("a PUT replaces its map whole, and If-Match guards the document") {
  Place place;
  const Answer first = place.put("/temperature/floors", floors({{"a", -1}, {"b", -1}}));
  const std::string tag = first.header("etag");
  CHECK(!tag.empty());
  CHECK(place.put("/temperature/ceilings", ceilings({{"a", 5}}), {{"If-Match", tag}}).status == 200);
  CHECK(outcome(place.put("/temperature/ceilings", ceilings({{"a", 6}}), {{"If-Match", tag}})) ==
        "412 precondition.failed");
  const Answer now = place.put("/temperature/floors", floors({{"b", -2}}), {{"If-Match", "*"}});
  CHECK(now.json.at("floors") == Json{{"performance_floors", {{"b", -2.0}}}, {"cadence_floors", Json::object()}});
  CHECK(now.json.at("ceilings") == Json{{"a", 5.0}});
  CHECK(place.get("/temperature/config?surface=raw_storage").header("etag") == now.header("etag"));
}

TEST_CASE("a configuration that the reader has already is not sent again") {
  Place place;
  const std::string etag = place.put("/temperature/floors", floors({{"b", 2}})).header("etag");
  const auto read = [&](const std::string& held) {
    Headers headers = place.as("member");
    headers.emplace_back("If-None-Match", held);
    return place.world.call("GET", std::string("/temperature/config?surface=") + kSurface, headers);
  };
  CHECK(read(etag).status == 304);
  CHECK(read(etag).body.empty());
  CHECK(read(etag).header("etag") == etag);
  CHECK(read("\"other\"").status == 200);
  CHECK(place.put("/temperature/floors", floors({{"b", 3}})).status == 200);
  CHECK(read(etag).status == 200);
}

TEST_CASE("a PUT of one kind of floor leaves the other") {
  Place place;
  CHECK(place.put("/temperature/floors", {{"surface", kSurface}, {"performance_floors", {{"views", 3}}}}).status ==
        200);
  const Answer now = place.put("/temperature/floors", {{"surface", kSurface}, {"cadence_floors", {{"posts", 1}}}});
  CHECK(now.json.at("floors") == Json{{"performance_floors", {{"views", 3.0}}}, {"cadence_floors", {{"posts", 1.0}}}});
  CHECK(outcome(place.act()) == "403 temperature_breach");
}

TEST_CASE("the whole document is set at once: what is named, and nothing where a part is refused") {
  Place place;
  const auto put = [&](Json body, const Headers& more = {}) {
    body["surface"] = kSurface;
    return place.put("/temperature/config", body, more);
  };
  const Answer all = put({{"floors", {{"performance_floors", {{"views", -1}}}, {"cadence_floors", {{"posts", -2}}}}},
                          {"ceilings", {{"errors", 5}}},
                          {"weights", {{"views", 1}}}});
  CHECK(outcome(all) == "200");
  CHECK(all.json.at("floors") ==
        Json{{"performance_floors", {{"views", -1.0}}}, {"cadence_floors", {{"posts", -2.0}}}});
  CHECK(all.json.at("ceilings") == Json{{"errors", 5.0}});
  CHECK(all.json.at("weights") == Json{{"views", 1.0}});

  const Answer one = put({{"floors", {{"cadence_floors", {{"posts", -1}}}}}, {"ceilings", nullptr}});
  CHECK(one.json.at("floors") ==
        Json{{"performance_floors", {{"views", -1.0}}}, {"cadence_floors", {{"posts", -1.0}}}});
  CHECK(one.json.at("ceilings") == all.json.at("ceilings"));
  CHECK(one.json.at("weights") == all.json.at("weights"));
  CHECK(outcome(put({{"ceilings", {{"errors", 4}}}}, {{"If-Match", all.header("etag")}})) == "412 precondition.failed");
  CHECK(fault(put({{"ceilings", {{"errors", 3}}}, {"weights", {{"views", "many"}}}})) ==
        "422 validation.failed /weights/views");
  CHECK(fault(put(Json::object())) == "422 validation.failed /floors");
  CHECK(fault(put({{"floors", {{"performance", {{"views", 1}}}}}})) ==
        "422 validation.unknown_field /floors/performance /floors");
  CHECK(place.get("/temperature/config?surface=raw_storage").json.at("ceilings") == Json{{"errors", 5.0}});

  // The gates judge the whole: a part that loosens is not done beside one that tightens.
  const Answer lock = place.post(
      "/strategy-locks", {{"scope", "other"}, {"title", "x"}, {"allowed_actions", {"nothing_at_all"}}}, "admin");
  REQUIRE(
      place.post("/strategy-locks/" + lock.json.at("lock_id").get<std::string>() + "/approve", Json::object(), "admin")
          .status == 200);
  CHECK(outcome(put({{"floors", {{"cadence_floors", {{"posts", 0}}}}}, {"ceilings", {{"errors", 9}}}})) ==
        "409 strategy_lock_required");
  const Json kept = place.get("/temperature/config?surface=raw_storage").json;
  CHECK(kept.at("ceilings") == Json{{"errors", 5.0}});
  CHECK(kept.at("floors") == one.json.at("floors"));
  CHECK(outcome(put({{"floors", {{"cadence_floors", {{"posts", 0}}}}}, {"ceilings", {{"errors", 4}}}})) == "200");
}

TEST_CASE("each field of the temperature is judged by name") {
  Place place;
  const auto put = [&](const std::string& part, const Json& body) {
    return fault(place.put("/temperature/" + part, body));
  };
  CHECK(put("floors", {{"surface", kSurface}}) == "422 validation.failed /performance_floors");
  CHECK(put("floors", floors({{"a", "1"}})) == "422 validation.failed /performance_floors/a");
  CHECK(put("floors", floors({{"a", nullptr}})) == "422 validation.failed /performance_floors/a");
  CHECK(put("floors", floors(Json::array({1}))) == "422 validation.failed /performance_floors");
  CHECK(put("floors", floors({{"", 1}})) == "422 validation.failed /performance_floors/");
  CHECK(put("floors", {{"surface", kSurface}, {"floors", {{"a", 1}}}, {"cadence_floors", Json::object()}}) ==
        "422 validation.unknown_field /floors");
  CHECK(put("ceilings", {{"surface", kSurface}}) == "422 validation.failed /ceilings");
  CHECK(put("ceilings", with_field(ceilings(Json::object()), "surface", "*")) == "422 validation.failed /surface");
  CHECK(put("weights", weights({{"a", true}})) == "422 validation.failed /weights/a");
  CHECK(put("weights", {{"weights", Json::object()}}) == "422 validation.failed /surface");
  for (const char* target : {"config", "current", "history"})
    CHECK(fault(place.get(std::string("/temperature/") + target)) == "422 validation.failed /query/surface");
  CHECK(fault(place.get("/temperature/current?surface=a&window_days=0")) == "422 validation.failed /query/window_days");
  CHECK(fault(place.post("/temperature/snapshots", {{"surface", "a"}, {"value", 1}})) ==
        "422 validation.unknown_field /value");
}

TEST_CASE("members record, admins set, viewers read the temperature") {
  Place place;
  CHECK(outcome(place.world.call("PUT", "/temperature/weights", place.as("member"), weights(Json::object()))) ==
        "403 auth.insufficient_role");
  CHECK(outcome(place.post("/temperature/snapshots", {{"surface", "a"}}, "viewer")) == "403 auth.insufficient_role");
  CHECK(place.get("/temperature/current?surface=a").json.at("value") == 0.0);
}

TEST_CASE("neighbours and other envs see nothing of the temperature") {
  Place ours, theirs;
  CHECK(ours.put("/temperature/floors", floors({{"views", 1}})).status == 200);
  CHECK(ours.post("/temperature/snapshots", {{"surface", kSurface}}).status == 201);
  CHECK(outcome(ours.act()) == "403 temperature_breach");
  CHECK(outcome(theirs.act()) == "200");
  for (const Answer& config : {theirs.get("/temperature/config?surface=raw_storage"),
                               ours.get("/temperature/config?surface=raw_storage", "staging")})
    CHECK(config.json.at("floors").is_null());
  CHECK(theirs.get("/temperature/history?surface=raw_storage").json.at("items").empty());
}

TEST_CASE("the system token passes budget, KPI and temperature, and is recorded as overriding them") {
  Place place;
  CHECK(place.put("/temperature/floors", floors({{"views", 1}})).status == 200);
  const Answer done = place.world.call("POST", "/nexus/raw/presign-upload",
                                       World::in(place.world.root(), place.tenant.id), Json{{"filename", "a.txt"}});
  CHECK(outcome(done) == "200");
}

}  // namespace nexus::test
