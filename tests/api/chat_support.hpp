// What the tests of chat share: a thread, posting to it, and streams of it.
#pragma once
#include "tests/api/expect.hpp"
#include "tests/api/world.hpp"
#include "tests/catch.hpp"
#include "tests/support/event_stream.hpp"

namespace nexus::test {

/// A thread of its own in a tenant of its own.
struct Chat {
  explicit Chat(World& world_ = shared_world(), const std::string& env_ = "dev")
      : world(world_), env(env_), tenant(world_.new_tenant_with_members()), thread(make_thread()) {}

  World& world;
  std::string env;
  Tenant tenant;
  std::string thread;

  std::string make_thread(const Json& body = Json::object()) {
    const Answer answer = world.call("POST", "/chat/threads", World::in(tenant.member, tenant.id, env), body);
    REQUIRE(answer.status == 201);
    return answer.json.at("thread_id");
  }
  std::string messages() const { return "/chat/threads/" + thread + "/messages"; }
  Answer post(const Person& who, const Json& body, const Headers& more = {}) {
    return world.call("POST", messages(), with(World::in(who, tenant.id, env), more), body);
  }
  /// The message as answered.
  Json say(const std::string& text) {
    const Answer answer = post(tenant.member, {{"text", text}});
    REQUIRE(answer.status == 201);
    return answer.json;
  }
  EventStream open(const Person& who, const std::string& query = "", const Headers& more = {}) const {
    return {world.daemon().port(), "/sse/chat/" + thread + query, with(World::in(who, tenant.id, env), more)};
  }
  /// One that is live when this returns.
  EventStream live(const Person& who, const std::string& query = "") const {
    EventStream stream = open(who, query);
    REQUIRE(stream.next_of("presence_state"));
    return stream;
  }
};

}  // namespace nexus::test
