// Roles are read live: no write of a member commits after the answer that revoked the membership. A member writes
// without a pause while he is removed and taken in again; both stand in one audit chain, whose order is that of the
// commits.
#include "tests/catch.hpp"
#include "tests/faults/load.hpp"
#include "tests/faults/race.hpp"

using namespace nexus::test;

namespace {

/// Questions are audited in the chain of their env: in prod, where memberships stand too, and they pass no gate.
constexpr Trace kAsked{"SELECT question, question_id FROM three_wise_questions", "t_dev", "prod", "three_wise_ask"};
constexpr const char* kMember = "/tenants/t_dev/members/u_racer";

class Stage {
 public:
  explicit Stage(const DaemonProcess& daemon) : client_(daemon.address()), root_(daemon.root_token()) {
    const Headers root = {{"Authorization", "Bearer " + root_}};
    REQUIRE(client_.request("POST", "/users", root, R"({"user_id":"u_racer"})").status == 201);
    token_ = client_.request("POST", "/tokens", root, R"({"user_id":"u_racer"})").json.at("token");
    owner_ = {{"Authorization", "Bearer " + daemon.token()}};
    system_ = root;
    take_in();
  }

  std::int64_t take_in() { return seq_of(client_.request("PUT", kMember, system_, R"({"role":"member"})")); }
  std::int64_t remove() { return seq_of(client_.request("DELETE", kMember, owner_)); }
  RacingWrite write() const {
    return {"/three-wise/questions",
            {{"Authorization", "Bearer " + token_}, {"X-Tenant-Id", "t_dev"}, {"X-Env", "prod"}},
            R"({"question":"Am I still in?"})"};
  }

 private:
  static std::int64_t seq_of(const Answer& answer) {
    INFO(answer.body);
    REQUIRE(answer.status / 100 == 2);
    return std::stoll(answer.header("nexus-audit-seq"));
  }

  Client client_;
  std::string root_, token_;
  Headers owner_, system_;
};

}  // namespace

TEST_CASE("no write of a member passes between his removal and his return", "[race]") {
  const TemporaryDirectory directory;
  const auto data = directory.path() / "data";
  const int races = races_to_run();
  std::vector<Window> windows;
  {
    const RacingDaemons daemons(loaded(data));
    Stage stage(daemons.forbidding());
    Writers writers(daemons.writing(), stage.write(), 4);
    for (int i = 0; i < races; ++i) {
      writers.wait_for_more_than(writers.passed);
      const std::int64_t off = stage.remove();
      windows.push_back({off, stage.take_in()});
    }
    CHECK(writers.passed >= races);
    CHECK(writers.blocked > 0);
    CHECK(writers.others == 0);
  }
  CHECK(find_leaks(data, kAsked, windows) == std::vector<std::string>{});
  CHECK(verify(data) == std::vector<std::string>{});
  // The control: a window that is stretched over the next return has leaks.
  CHECK_FALSE(find_leaks(data, kAsked, {{windows.front().off, windows.back().on}}).empty());
}
