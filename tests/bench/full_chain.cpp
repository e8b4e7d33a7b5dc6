#include "tests/bench/full_chain.hpp"

#include <stdexcept>

#include "daemon/base/json.hpp"
#include "tests/support/client.hpp"

namespace nexus::bench {
namespace {

class Configurer {
 public:
  explicit Configurer(const test::DaemonProcess& daemon)
      : client_(daemon.address()), root_(daemon.root_token()), owner_(daemon.token()) {}

  void run() {
    dangerous_action();
    measures();
    temperature();
    lock();  // last: from then on every act on the surface needs one
    require_all_pass();
  }

 private:
  Json call(const char* method, const std::string& target, const Json& body, const std::string& token) {
    test::Headers headers = {{"Authorization", "Bearer " + token}, {"X-Reason", "a bench"}};
    if (!target.starts_with("/users") && !target.starts_with("/tokens") && !target.starts_with("/tenants")) {
      headers.emplace_back("X-Tenant-Id", "t_dev");
      headers.emplace_back("X-Env", "dev");
    }
    const auto answer = client_.request(method, target, headers, body.dump());
    if (answer.status / 100 != 2)
      throw std::runtime_error(std::string(method) + " " + target + " answered " + answer.body);
    return answer.json;
  }
  Json put(const std::string& target, const Json& body) { return call("PUT", target, body, owner_); }
  Json post(const std::string& target, const Json& body) { return call("POST", target, body, owner_); }

  void lock() {
    const Json question = post("/three-wise/questions", {{"question", "May files be stored?"}});
    const std::string id = question.at("question_id");
    for (const char* user : {"u_wise_1", "u_wise_2", "u_wise_3"}) {
      call("POST", "/users", {{"user_id", user}}, root_);
      call("PUT", std::string("/tenants/t_dev/members/") + user, {{"role", "member"}}, root_);
      const Json token = call("POST", "/tokens", {{"user_id", user}}, root_);
      call("POST", "/three-wise/questions/" + id + "/opinions", {{"verdict", "APPROVE"}, {"content", "yes"}},
           token.at("token"));
    }
    const Json made = post("/strategy-locks", {{"surface", "raw_storage"},
                                               {"scope", "other"},
                                               {"title", "Files"},
                                               {"allowed_actions", {"raw_presign", "raw_register"}},
                                               {"three_wise_id", id}});
    post("/strategy-locks/" + made.at("lock_id").get<std::string>() + "/approve", Json::object());
  }

  void dangerous_action() {
    put("/firearms/dangerous-actions", {{"raw_presign", "medium"}});
    post("/firearms/licences", {{"subject_type", "user"}, {"subject_id", "u_dev"}, {"level", "high"}});
  }

  void measures() {
    for (const char* surface : {"raw_storage", "*"})
      put("/budget/policies", {{"surface", surface},
                               {"threshold", {{"amount_micros", 1'000'000'000'000}, {"currency", "USD"}}},
                               {"window_days", 30}});
    post("/kpi/definitions", {{"name", "conversion"}, {"aggregate", "mean"}});
    put("/kpi/corridors", {{"kpi_name", "conversion"}, {"surface", "raw_storage"}, {"floor", 0}, {"ceiling", 10}});
    for (int i = 0; i < 100; ++i) {
      post("/kpi/observations", {{"kpi_name", "conversion"}, {"surface", "raw_storage"}, {"value", 1}});
      post("/budget/usage", {{"surface", "raw_storage"},
                             {"provider", "openai"},
                             {"tokens_input", 1},
                             {"tokens_output", 1},
                             {"cost", {{"amount_micros", 1}, {"currency", "USD"}}},
                             {"metadata", {{"views", 1}}}});
    }
  }

  void temperature() {
    const std::string surface = "raw_storage";
    put("/temperature/floors",
        {{"surface", surface}, {"performance_floors", {{"conversion", 0}}}, {"cadence_floors", {{"views", 1}}}});
    put("/temperature/ceilings", {{"surface", surface}, {"ceilings", {{"views", 1'000'000}}}});
    put("/temperature/weights", {{"surface", surface}, {"weights", {{"views", 1}, {"conversion", 2}}}});
  }

  void require_all_pass() {
    const Json answer = post("/gates/explain", {{"action", "raw_presign"}, {"surface", "raw_storage"}});
    const Json& gates = answer.at("decision").at("gates");
    bool all = gates.size() == 6;
    for (const Json& gate : gates) all = all && gate.at("verdict") == "pass";
    if (!all) throw std::runtime_error("not every gate passes: " + answer.dump());
  }

  test::Client client_;
  std::string root_, owner_;
};

}  // namespace

void configure_full_chain(const test::DaemonProcess& daemon) { Configurer(daemon).run(); }

}  // namespace nexus::bench
