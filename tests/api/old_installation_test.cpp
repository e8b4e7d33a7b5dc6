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

}  // namespace

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
    expected["lists"] = lists_of(world, list_targets(world), tenant.id);
  }
  std::ofstream(directory / "expected.json") << expected.dump(1) << "\n";
}

}  // namespace nexus::test
