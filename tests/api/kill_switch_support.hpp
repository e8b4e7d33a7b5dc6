// What the tests of kill switches share: a tenant, its admin's way to the document, and entries.
#pragma once
#include <chrono>
#include <ctime>

#include "tests/api/expect.hpp"
#include "tests/api/world.hpp"
#include "tests/support/event_stream.hpp"

namespace nexus::test {

inline std::string in_seconds(int seconds) {
  const auto now = std::chrono::system_clock::now() + std::chrono::seconds(seconds);
  const std::time_t at = std::chrono::system_clock::to_time_t(now);
  std::tm utc{};
  ::gmtime_r(&at, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

inline Json entry(const std::string& kind, const std::string& name, const Json& more = Json::object()) {
  Json out = {{"kind", kind}, {"name", name}};
  out.update(more);
  return out;
}

struct Switches {
  World& world = shared_world();
  Tenant tenant = world.new_tenant_with_members();

  Answer put(const Json& body, const Headers& more = {}) {
    return world.call("PUT", "/kill-switches", with(World::in(tenant.admin, tenant.id), more), body.dump());
  }
  Answer patch(const Json& body) {
    return world.call("PATCH", "/kill-switches", World::in(tenant.admin, tenant.id), body);
  }
  Answer get(const Headers& more = {}) {
    return world.call("GET", "/kill-switches", with(World::in(tenant.admin, tenant.id), more));
  }
  std::string presign() {
    return outcome(
        world.call("POST", "/nexus/raw/presign-upload", World::in(tenant.member, tenant.id), Json{{"filename", "a"}}));
  }
};

}  // namespace nexus::test
