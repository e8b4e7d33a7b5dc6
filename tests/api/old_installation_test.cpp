// An installation that the last build made by going through every route, and what became of it: it starts here, shows
// what it showed there, and its audit log verifies.
//
// The fixture is made by `NEXUS_FIXTURE=DIR api_tests "[.make_installation]"` with NEXUS_BIN_DIR at the older build:
// DIR/data is the data directory, DIR/expected.json what the lists answered there.
#include <cstdlib>
#include <fstream>

#include "tests/api/expect.hpp"
#include "tests/api/routes.hpp"
#include "tests/catch.hpp"
#include "tests/support/old_installation.hpp"

namespace nexus::test {
namespace {

/// The GET routes that need neither an id nor a query, as the system token asks them.
std::vector<std::string> list_targets(World& world) {
  std::vector<std::string> out;
  for (const ApiRoute& route : all_routes(world))
    if (route.method == "GET" && route.has_header_context() && route.path.find('{') == std::string::npos &&
        route.operation["responses"]["200"].contains("content") &&
        route.operation["responses"]["200"]["content"].contains("application/json"))
      out.push_back(route.path);
  return out;
}

/// Answers of all list routes that can be asked without parameters, by path.
Json lists_of(World& world, const std::vector<std::string>& targets, const std::string& tenant) {
  Json out = Json::object();
  for (const std::string& target : targets) {
    const Answer answer = world.call("GET", target, World::in(world.root(), tenant));
    if (answer.status == 200) out[target] = answer.json;
  }
  return out;
}

/// Answers that are of the moment in which they are asked.
bool moves_with_time(const std::string& target) {
  return target == "/audit/verify" || target == "/budget/usage/summary" || target == "/temperature/current";
}

/// Makes rows that the rules of today forbid; answers what is needed to find them again.
Json do_what_was_allowed(World& world, const Tenant& tenant) {
  const Headers owner = World::in(tenant.owner, tenant.id), admin = World::in(tenant.admin, tenant.id);
  Json actions = Json::array();
  for (int i = 0; i < 80; ++i) actions.push_back("old_action_" + std::to_string(i));
  const Answer lock = world.call("POST", "/strategy-locks", owner,
                                 Json{{"title", "Wide"}, {"scope", "other"}, {"allowed_actions", actions}});
  REQUIRE(lock.status == 201);
  const std::string lock_id = lock.json.at("lock_id");
  REQUIRE(world.call("POST", "/strategy-locks/" + lock_id + "/approve", admin).status == 200);
  // Names as they came, under a kill switch of the tenant's and one of the operator's.
  REQUIRE(world
              .put_kill_switches(tenant.admin, tenant.id,
                                 {{"disable_providers", {"OpenAI ", "an\tother"}},
                                  {"disabled_actions", {"card_delete"}},
                                  {"reason", "old"}})
              .status == 200);
  REQUIRE(world.put_kill_switches(world.root(), "t_system", {{"disabled_actions", {"*"}}}, "prod").status == 200);
  const Answer narrow = world.call("POST", "/tokens", World::as(world.root()),
                                   Json{{"user_id", tenant.viewer.id}, {"tenants", {"t_elsewhere"}}});
  REQUIRE(narrow.status == 201);
  return {{"lock_id", lock_id}, {"token_id", narrow.json.at("token_id")}};
}

/// Holds what the old build answered against what this one does: nothing that was told may be missing or changed.
/// Where a list has grown in front (the audit log), the old rows are still there.
void check_kept(const Json& before, const Json& now, const std::string& where) {
  INFO(where);
  if (before.is_object()) {
    REQUIRE(now.is_object());
    for (const auto& [name, value] : before.items()) {
      // A cursor is sealed with its page; a list of cards tells their bodies alone now.
      if (name == "next_cursor" || (name == "full_text" && where == "/nexus/cards")) continue;
      INFO(name);
      REQUIRE(now.contains(name));
      check_kept(value, now[name], where + "/" + name);
    }
  } else if (where == "/kill-switches/disable_providers") {
    CHECK(now == Json({"an\tother", "openai"}));  // in the form in which they are compared, where they have one
  } else {
    CHECK(now == before);
  }
}

/// Each old row of a list by its own id, wherever it stands now.
void check_rows_kept(const Json& before, const Json& now, const std::string& target) {
  for (const Json& row : before) {
    const auto found = std::ranges::find_if(now, [&](const Json& other) {
      for (const auto& [name, value] : row.items())
        if ((name.ends_with("_id") || name.ends_with("name") || name == "seq" || name == "surface") &&
            other.value(name, Json()) != value)
          return false;
      return true;
    });
    INFO(target << " " << row.dump());
    REQUIRE(found != now.end());
    check_kept(row, *found, target);
  }
}

}  // namespace

TEST_CASE("an installation of the last build starts here and shows what it showed there", "[old]") {
  if (skipped_on_postgres("no older build had its store there")) return;
  const TemporaryDirectory directory;
  unpack_old_installation(directory.path());
  std::ifstream file(directory.path() / "expected.json");
  const Json expected = Json::parse(file);
  DaemonOptions options = unlimited();
  options.data_dir = directory.path() / "data";
  const DaemonProcess daemon(options);  // no World: its audit watch wants to have seen every row made
  Client client(daemon.address());
  const Person root{"system", daemon.root_token()};
  const std::string tenant = expected["tenant"];
  const Headers headers = World::in(root, tenant);
  for (const auto& [target, before] : expected["lists"].items()) {
    if (moves_with_time(target)) continue;
    const Answer now = client.request("GET", target + (before.contains("items") ? "?limit=200" : ""), headers);
    INFO(target << " " << now.body);
    REQUIRE(now.status == 200);
    if (before.contains("items"))
      check_rows_kept(before["items"], now.json.at("items"), target);
    else
      check_kept(before, now.json, target);
  }
  // What a rule of today forbids stays readable and in force.
  const Json& once = expected["once_allowed"];
  const Answer lock = client.request("GET", "/strategy-locks/" + once["lock_id"].get<std::string>(), headers);
  CHECK(lock.json.value("status", "") == "approved");
  CHECK(lock.json["allowed_actions"].size() == 80);
  for (const char* name : {"OpenAI", "openai", " OpenAI"}) {
    INFO(name);
    const Answer used = client.request("POST", "/gates/check", headers,
                                       to_text({{"action", "call_model"}, {"surface", "old"}, {"provider", name}}));
    CHECK(outcome(used) == "403 kill_switch_blocked");
  }
  for (const std::string chain : {"dev", "prod"}) {
    const Answer verified = client.request("GET", "/audit/verify", World::in(root, tenant, chain));
    INFO(verified.body);
    CHECK(verified.json.value("ok", false));
  }
  // Objects that were registered there are served here.
  const Json assets = expected["lists"]["/nexus/raw"]["items"];
  REQUIRE(!assets.empty());
  for (const Json& asset : assets) {
    const Answer link =
        client.request("GET", "/nexus/raw/" + asset["asset_id"].get<std::string>() + "/download", headers);
    REQUIRE(link.status == 302);
    const std::string url = link.header("location");
    const Answer object = client.request("GET", url.substr(url.find('/', url.find("://") + 3)));
    CHECK(object.body.size() == asset["size_bytes"].get<std::size_t>());
  }
}

TEST_CASE("an installation that went through every route", "[.make_installation]") {
  const char* chosen = std::getenv("NEXUS_FIXTURE");
  REQUIRE(chosen != nullptr);
  const std::filesystem::path directory = chosen;
  Json expected = Json::object();
  {
    DaemonOptions options = unlimited();
    options.data_dir = directory / "data";
    World world(options);
    const Tenant tenant = world.new_tenant_with_members();
    const auto routes = all_routes(world);
    for (const ApiRoute& route : routes) {
      if (route.operation.contains("x-nexus-stream")) continue;
      INFO(route.name());
      for (const Person& who : {tenant.owner, tenant.member, world.root()}) {
        const Stage stage{world, tenant, who};
        if (route.path.starts_with("/ws/") || route.path.starts_with("/sse/")) continue;
        ask(route, stage);
      }
    }
    expected["tenant"] = tenant.id;
    expected["once_allowed"] = do_what_was_allowed(world, tenant);
    expected["lists"] = lists_of(world, list_targets(world), tenant.id);
  }
  std::ofstream(directory / "expected.json") << expected.dump(1) << "\n";
}

}  // namespace nexus::test
