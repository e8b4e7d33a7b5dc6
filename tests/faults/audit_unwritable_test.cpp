// The second promise from its dark side: when no audit row can be written, nothing is changed, the client is told so,
// reads go on, and all is well again once rows can be written. The fault is a trigger that another process puts on the
// table, under the running daemon.
#include "store/sqlite/connection.hpp"
#include "tests/catch.hpp"
#include "tests/faults/load.hpp"
#include "tests/support/client.hpp"

using namespace nexus::test;

namespace {

void run_in(const std::filesystem::path& data, const char* script) {
  nexus::store::Connection connection({.path = data / "nexus.db"});
  connection.execute(script);
}

struct Member {
  explicit Member(const DaemonProcess& daemon)
      : client(daemon.address()),
        headers({{"Authorization", "Bearer " + daemon.token()}, {"X-Tenant-Id", "t_dev"}, {"X-Env", "dev"}}) {}
  Answer presign(const std::string& filename) {
    return client.request("POST", "/nexus/raw/presign-upload", headers, R"({"filename":")" + filename + "\"}");
  }
  Answer show(const std::string& asset_id) { return client.request("GET", "/nexus/raw/" + asset_id, headers); }
  Client client;
  Headers headers;
};

Acknowledged acknowledged(const std::string& name, const Answer& answer) {
  REQUIRE(answer.status == 200);
  return {name, answer.json["asset_id"], std::stoll(answer.header("nexus-audit-seq")),
          answer.header("nexus-audit-hash")};
}

}  // namespace

TEST_CASE("an audit row that cannot be written changes nothing, and says so", "[audit]") {
  const TemporaryDirectory directory;
  const auto data = directory.path() / "data";
  std::vector<Acknowledged> told;
  {
    DaemonProcess daemon(loaded(data));
    Member member(daemon);
    told.push_back(acknowledged("before.txt", member.presign("before.txt")));

    run_in(data, "CREATE TRIGGER unwritable BEFORE INSERT ON audit_rows BEGIN SELECT RAISE(ABORT, 'unwritable'); END");
    const Answer refused = member.presign("between.txt");
    CHECK(refused.status == 503);
    CHECK(refused.code() == "audit.unavailable");
    CHECK(refused.has("retry-after"));
    CHECK(!refused.has("nexus-audit-seq"));
    CHECK(member.show(told.front().id).status == 200);
    CHECK(member.client.request("GET", "/readyz").status == 200);

    run_in(data, "DROP TRIGGER unwritable");
    told.push_back(acknowledged("after.txt", member.presign("after.txt")));
    CHECK(told.back().seq == told.front().seq + 1);
    REQUIRE(daemon.stop() == 0);
  }
  CHECK(compare(data, kPresigned, told) == std::vector<std::string>{});
  CHECK(verify(data) == std::vector<std::string>{});
}

TEST_CASE("a refusal that cannot be audited is not given for another reason", "[audit]") {
  const TemporaryDirectory directory;
  const auto data = directory.path() / "data";
  DaemonProcess daemon(loaded(data));
  Member member(daemon);
  REQUIRE(member.client.request("PUT", "/kill-switches", member.headers, R"({"disabled_actions":["raw_presign"]})")
              .status == 200);
  CHECK(member.presign("a.txt").code() == "kill_switch_blocked");
  run_in(data, "CREATE TRIGGER unwritable BEFORE INSERT ON audit_rows BEGIN SELECT RAISE(ABORT, 'unwritable'); END");
  CHECK(member.presign("a.txt").code() == "audit.unavailable");
  run_in(data, "DROP TRIGGER unwritable");
  CHECK(member.presign("a.txt").code() == "kill_switch_blocked");
}
