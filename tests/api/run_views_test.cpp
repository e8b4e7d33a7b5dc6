// What a run shows to whom: it is a view over events, and what is one user's alone stays so in every view.
#include <set>

#include "tests/api/expect.hpp"
#include "tests/api/raw_storage_support.hpp"
#include "tests/api/routes.hpp"
#include "tests/catch.hpp"

namespace nexus::test {
namespace {

const char* const kTrace = "6cf92f3577b34da6a3ce929d0e0e4738";
const Headers kTraced = {{"traceparent", "00-6cf92f3577b34da6a3ce929d0e0e4738-00f067aa0ba902b7-01"}};

struct Runs {
  World& world = lenient_world();
  Tenant tenant = world.new_tenant_with_members();

  Headers headers(const std::string& role, const Headers& more = {}) const {
    return with(World::in(tenant.at(role), tenant.id), more);
  }
  Answer get(const std::string& target, const std::string& role) { return world.call("GET", target, headers(role)); }
};

}  // namespace

TEST_CASE("a run shows what was written to its author and to admins; to others that it happened", "[runs]") {
  Runs runs;
  const auto in_run = [&](const std::string& role) { return runs.headers(role, kTraced); };
  const auto make = [&](const std::string& role, const std::string& secret) {
    const std::pair<const char*, Json> requests[] = {
        {"/maybes/items", {{"title", "title " + secret}, {"body", "body " + secret}, {"tags", {secret}}}},
        {"/nexus/memory/session/s1/turn", {{"role", "user"}, {"content", secret}, {"metadata", {{"note", secret}}}}},
        {"/nexus/influence-pack", {{"query", {{"query_text", secret}}}}},
        {"/nexus/search", {{"query_text", secret}}},
    };
    for (const auto& [target, body] : requests)
      REQUIRE(runs.world.call("POST", target, in_run(role), body).status / 100 == 2);
    return std::size(requests);
  };
  const std::size_t count = make("member", "quince") + make("admin", "medlar");
  const auto shown = [&](const std::string& role) {
    return runs.world.call("GET", std::string("/nexus/runs/") + kTrace, runs.headers(role));
  };
  // A search tells of itself after its answer.
  REQUIRE(eventually([&] { return shown("admin").json.at("events").size() == count; }));
  const auto holds = [](const Answer& answer, const char* text) { return answer.body.find(text) != std::string::npos; };
  const auto expect = [&](const std::string& role, bool quince, bool medlar) {
    INFO(role);
    const Answer answer = shown(role);
    CHECK(answer.json.at("events").size() == count);
    CHECK(holds(answer, "quince") == quince);
    CHECK(holds(answer, "medlar") == medlar);
  };
  expect("owner", true, true);
  expect("admin", true, true);
  expect("member", true, false);
  expect("viewer", false, false);
  const std::set<std::string> names = {"event_id", "event_type", "created_at", "surface", "asset_type", "counts"};
  for (const Json& event : shown("viewer").json.at("events")) {
    std::set<std::string> there;
    for (const auto& [name, value] : event.items()) there.insert(name);
    CHECK(there == names);
    if (event.at("event_type") == "pack_created") CHECK(event.at("counts") == Json{{"result_count", 0}});
  }
  // A token's ceiling makes an admin a viewer, but his own stays his own; the lists of all events are admins' alone.
  const Person narrowed{runs.tenant.admin.id, runs.world.new_token(runs.tenant.admin.id, {{"role", "viewer"}})};
  const Answer narrow =
      runs.world.call("GET", std::string("/nexus/runs/") + kTrace, World::in(narrowed, runs.tenant.id));
  CHECK(holds(narrow, "medlar"));
  CHECK_FALSE(holds(narrow, "quince"));
  for (const char* target : {"/events", "/sse/events", "/audit/export"})
    CHECK(outcome(runs.world.call("GET", target, World::in(narrowed, runs.tenant.id))) == "403 auth.insufficient_role");
}

TEST_CASE("what is one user's alone is in no answer to another, whatever the route", "[runs]") {
  Runs runs;
  World& world = runs.world;
  const std::string secret = "quincesorrel";
  const Headers author = runs.headers("member", kTraced);
  const Json item = world.call("POST", "/maybes/items", author, Json{{"title", secret}, {"tags", {secret}}}).json;
  REQUIRE(
      world.call("POST", "/nexus/memory/session/s1/turn", author, Json{{"role", "user"}, {"content", secret}}).status ==
      201);
  REQUIRE(world.call("POST", "/nexus/search", author, Json{{"query_text", secret}}).status == 200);
  const Person other = world.new_person();
  world.set_member(runs.tenant.id, other.id, "member");
  const std::vector<std::string> targets = {std::string("/nexus/runs/") + kTrace, "/nexus/memory/session/s1",
                                            "/maybes/items/" + item.at("item_id").get<std::string>(),
                                            "/maybes/items?search_text=" + secret};
  for (const Person& reader : {runs.tenant.viewer, other}) {
    for (const std::string& target : targets)
      CHECK(world.call("GET", target, World::in(reader, runs.tenant.id)).body.find(secret) == std::string::npos);
    const Stage stage{world, runs.tenant, reader};
    for (const ApiRoute& route : all_routes(world)) {
      if (route.method != "GET" || !route.has_header_context() || route.path.starts_with("/sse/") ||
          route.path.starts_with("/ws/"))
        continue;
      INFO(route.name());
      CHECK(ask(route, stage).body.find(secret) == std::string::npos);
    }
  }
  CHECK(runs.get(targets[0], "admin").body.find(secret) != std::string::npos);
}

}  // namespace nexus::test
