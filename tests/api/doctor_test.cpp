// GET /doctor: a running daemon finds in itself what nexusd doctor finds on the machine.
#include <algorithm>
#include <filesystem>

#include "tests/api/expect.hpp"
#include "tests/api/world.hpp"
#include "tests/catch.hpp"
#include "tests/support/databases.hpp"

using namespace nexus;
using namespace nexus::test;

namespace {

Headers doctor_caller(World& world) { return {{"Authorization", "Bearer " + world.daemon().root_token()}}; }

/// The ids of warnings and errors, but for that the server of the tests does not sync.
std::vector<std::string> faults_in(const Answer& answer) {
  std::vector<std::string> ids;
  for (const auto& finding : answer.json.at("findings"))
    if ((finding.at("severity") == "warning" || finding.at("severity") == "error") &&
        finding.at("id") != "database.fsync")
      ids.push_back(finding.at("id"));
  return ids;
}

}  // namespace

TEST_CASE("a sound daemon finds nothing in itself, and tells the system token alone", "[doctor]") {
  World world;
  const Answer answer = world.call("GET", "/doctor", doctor_caller(world));
  REQUIRE(answer.status == 200);
  CHECK(answer.json.at("ok") == !is_on_postgres());
  CHECK(faults_in(answer).empty());
  CHECK(world.call("GET", "/doctor").status == 401);
  CHECK(outcome(world.call("GET", "/doctor", World::in(world.dev(), "t_dev"))) == "403 auth.insufficient_role");
}

TEST_CASE("a daemon finds stored files that went, and a directory that others may open", "[doctor]") {
  World world;
  world.registered(world.dev(), "t_dev");
  CHECK(faults_in(world.call("GET", "/doctor", doctor_caller(world))).empty());
  const auto data = world.daemon().data_dir();
  std::filesystem::remove_all(data / "blobs" / "nexus");
  std::filesystem::permissions(data / "keys", std::filesystem::perms::others_read, std::filesystem::perm_options::add);
  const Answer answer = world.call("GET", "/doctor", doctor_caller(world));
  CHECK(answer.json.at("ok") == false);
  CHECK(faults_in(answer) == std::vector<std::string>{"directory.mode", "objects.missing"});
}
