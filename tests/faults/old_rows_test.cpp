// What an older daemon let in, and time: rows that a new limit forbids stay readable and in force, and the limit binds
// what is written from then on; an invitation that nobody answered ends.
#include "daemon/base/clock.hpp"
#include "store/sqlite/connection.hpp"
#include "tests/catch.hpp"
#include "tests/faults/load.hpp"
#include "tests/support/client.hpp"

using namespace nexus;
using namespace nexus::test;

namespace {

Answer request(const DaemonProcess& daemon, const std::string& token, const std::string& method,
               const std::string& target, const Json& body = nullptr) {
  Headers headers = {{"Authorization", "Bearer " + token}};
  if (target.find("/tenants") != 0 && target.find("/auth") != 0 && target.find("/users") != 0 && target != "/tokens")
    headers.insert(headers.end(), {{"X-Tenant-Id", "t_dev"}, {"X-Env", "dev"}});
  return Client(daemon.address()).request(method, target, headers, body.is_null() ? "" : body.dump());
}

Json done(const Answer& answer) {
  INFO(answer.body);
  REQUIRE(answer.status / 100 == 2);
  return answer.json;
}

/// While no daemon runs on it.
void change(const std::filesystem::path& data, std::string_view sql, const std::string& value) {
  store::Connection connection({.path = data / "nexus.db"});
  REQUIRE(store::Tx(connection).run(sql, value) > 0);
}

std::string verdict(const DaemonProcess& daemon, const std::string& action) {
  const Json json =
      done(request(daemon, daemon.token(), "POST", "/gates/explain", {{"action", action}, {"surface", "mail"}}));
  for (const auto& gate : json.at("decision").at("gates"))
    if (gate.at("gate") == "strategy_lock") return gate.at("verdict");
  return {};
}

}  // namespace

TEST_CASE("a lock of more actions than there may be stays in force, and is not approved again so") {
  const TemporaryDirectory directory;
  const auto data = directory.path() / "data";
  std::string lock;
  {
    DaemonProcess daemon(loaded(data));
    lock = "/strategy-locks/" + done(request(daemon, daemon.token(), "POST", "/strategy-locks",
                                             {{"scope", "other"}, {"title", "Old"}, {"allowed_actions", {"act_0"}}}))
                                    .at("lock_id")
                                    .get<std::string>();
    done(request(daemon, daemon.token(), "POST", lock + "/approve"));
    REQUIRE(daemon.stop() == 0);
  }
  Json actions = Json::array();
  for (int i = 0; i < 100; ++i) actions.push_back("act_" + std::to_string(i));
  change(data, "UPDATE strategy_locks SET allowed_actions = ?1", actions.dump());
  DaemonProcess daemon(loaded(data));
  CHECK(done(request(daemon, daemon.token(), "GET", lock)).at("allowed_actions").size() == 100);
  CHECK(verdict(daemon, "act_99") == "pass");
  CHECK(verdict(daemon, "act_100") == "block");
  done(request(daemon, daemon.token(), "PATCH", lock, {{"title", "New"}}));
  const Answer again = request(daemon, daemon.token(), "POST", lock + "/approve");
  CHECK(again.status == 409);
  CHECK(again.code() == "limit.reached");
  CHECK(verdict(daemon, "act_99") == "pass");
  done(request(daemon, daemon.token(), "PATCH", lock, {{"allowed_actions", {"act_1", "act_2"}}}));
  CHECK(done(request(daemon, daemon.token(), "POST", lock + "/approve")).at("title") == "New");
  CHECK(verdict(daemon, "act_99") == "block");
}

TEST_CASE("an invitation that nobody answered in time is gone from every answer, and may be made again") {
  const TemporaryDirectory directory;
  const auto data = directory.path() / "data";
  const std::string member = "/tenants/t_dev/members/u_late";
  std::string guest;
  {
    DaemonProcess daemon(loaded(data));
    done(request(daemon, daemon.root_token(), "POST", "/users", {{"user_id", "u_late"}}));
    guest = done(request(daemon, daemon.root_token(), "POST", "/tokens", {{"user_id", "u_late"}})).at("token");
    done(request(daemon, daemon.token(), "PUT", member, {{"role", "viewer"}}));
    REQUIRE(daemon.stop() == 0);
  }
  change(data, "UPDATE invitations SET expires_at = CAST(?1 AS INTEGER)", std::to_string(now_micros()));
  DaemonProcess daemon(loaded(data));
  CHECK(done(request(daemon, guest, "GET", "/auth/me")).at("invitations").empty());
  CHECK(done(request(daemon, daemon.token(), "GET", "/tenants/t_dev/members?status=invited")).at("items").empty());
  CHECK(request(daemon, guest, "POST", "/auth/memberships/t_dev", {{"role", "viewer"}}).code() ==
        "invitation.not_found");
  CHECK(request(daemon, guest, "DELETE", "/auth/memberships/t_dev").code() == "invitation.not_found");
  CHECK(request(daemon, daemon.token(), "DELETE", member).code() == "member.not_found");
  done(request(daemon, daemon.token(), "PUT", member, {{"role", "viewer"}}));
  done(request(daemon, guest, "POST", "/auth/memberships/t_dev", {{"role", "viewer"}}));
}
