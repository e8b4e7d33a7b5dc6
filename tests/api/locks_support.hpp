// What the tests of strategy locks share: a tenant of their own with its locks, and what the gate says.
#pragma once
#include "tests/api/expect.hpp"
#include "tests/api/world.hpp"
#include "tests/catch.hpp"

namespace nexus::test {

inline const std::string kAbsent = "01a20636-66b1-7001-b8d7-953e256aa6b5";

struct Vault {
  World& world = shared_world();
  Tenant tenant = shared_world().new_tenant_with_members();

  Headers as(const std::string& role, const std::string& env = "prod") const {
    return World::in(tenant.at(role), tenant.id, env);
  }
  static Json lock(const Json& more = Json::object()) {
    Json body = {{"scope", "other"}, {"title", "A plan"}, {"allowed_actions", {"raw_presign"}}};
    body.update(more);
    return body;
  }
  Answer create(const Json& body, const std::string& role = "member", const std::string& env = "prod") {
    return world.call("POST", "/strategy-locks", as(role, env), body);
  }
  std::string created(const Json& more = Json::object(), const std::string& role = "member",
                      const std::string& env = "prod") {
    const Answer answer = create(lock(more), role, env);
    REQUIRE(answer.status == 201);
    return answer.json.at("lock_id");
  }
  std::string approved(const Json& more = Json::object(), const std::string& env = "prod") {
    const std::string id = created(more, "member", env);
    REQUIRE(outcome(decide(id, "approve", "admin", env)) == "200");
    return id;
  }
  Answer edit(const std::string& id, const Json& body, const std::string& role = "member",
              const std::string& env = "prod") {
    return world.call("PATCH", "/strategy-locks/" + id, as(role, env), body);
  }
  Answer decide(const std::string& id, const std::string& verb, const std::string& role = "admin",
                const std::string& env = "prod") {
    return world.call("POST", "/strategy-locks/" + id + "/" + verb, as(role, env));
  }
  Answer show(const std::string& id, const std::string& env = "prod") {
    return world.call("GET", "/strategy-locks/" + id, as("viewer", env));
  }
  std::string status(const std::string& id) { return show(id).json.at("status"); }
  /// What the strategy-lock gate says, of a presign or of an act outside; the other gates are not asked about.
  Json gate(const std::string& env = "prod", const std::string& action = "raw_presign",
            const std::string& surface = "raw_storage") {
    const Answer answer =
        world.call("POST", "/gates/explain", as("member", env), Json{{"action", action}, {"surface", surface}});
    for (const auto& item : answer.json.at("decision").at("gates"))
      if (item.at("gate") == "strategy_lock") return item;
    return nullptr;
  }
  std::string says(const std::string& env = "prod", const std::string& action = "raw_presign",
                   const std::string& surface = "raw_storage") {
    const Json item = gate(env, action, surface);
    return item.at("verdict").get<std::string>() + " " + item.value("code", "");
  }
  std::string question(const std::string& env = "prod") {
    return world.call("POST", "/three-wise/questions", as("member", env), Json{{"question", "Shall we?"}})
        .json.at("question_id");
  }
};

inline const std::string kPass = "pass ";
inline const std::string kMissing = "block strategy_lock_required";
inline const std::string kWaiting = "block three_wise_verdict_required";

inline std::string fault(const Answer& answer) { return outcome(answer) + " " + pointers(answer); }

}  // namespace nexus::test
