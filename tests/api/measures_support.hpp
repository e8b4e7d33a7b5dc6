// What the tests of budget, KPI and temperature share: a tenant of their own, and refusals as one line.
#pragma once
#include "tests/api/expect.hpp"
#include "tests/api/world.hpp"
#include "tests/catch.hpp"

namespace nexus::test {

inline Json with_field(Json json, const std::string& name, const Json& value) {
  json[name] = value;
  return json;
}

/// "422 validation.failed /cost"
inline std::string fault(const Answer& answer) { return outcome(answer) + " " + pointers(answer); }

struct Place {
  World& world = shared_world();
  Tenant tenant = shared_world().new_tenant_with_members();

  Headers as(const std::string& role, const std::string& env = "dev") const {
    return World::in(tenant.at(role), tenant.id, env);
  }
  Answer get(const std::string& target, const std::string& env = "dev") {
    return world.call("GET", target, as("viewer", env));
  }
  Answer post(const std::string& target, const Json& body, const std::string& role = "member") {
    return world.call("POST", target, as(role), body);
  }
  Answer put(const std::string& target, const Json& body, const Headers& more = {}) {
    return world.call("PUT", target, with(as("admin"), more), body);
  }
  /// An act under the policy full, on the surface raw_storage.
  Answer act() { return post("/nexus/raw/presign-upload", {{"filename", "a.txt"}}); }
};

}  // namespace nexus::test
