// Threads and WebSockets of the API tests.
#pragma once
#include "tests/api/world.hpp"
#include "tests/catch.hpp"
#include "tests/support/ws_wire.hpp"

namespace nexus::test {

/// A new thread of the tenant; answers its id.
inline std::string new_thread(World& world, const Tenant& tenant, const std::string& env = "dev") {
  const std::string id = world.new_id("thread");
  const Answer answer =
      world.call("POST", "/chat/threads", World::in(tenant.owner, tenant.id, env), Json{{"thread_id", id}});
  REQUIRE(answer.status == 201);
  return id;
}

/// A WebSocket of somebody in a thread.
inline WsWire join(World& world, const Person& who, const Tenant& tenant, const std::string& thread,
                   const std::string& query = {}) {
  return WsWire(world.daemon().port(), "/ws/chat/" + thread + query, World::in(who, tenant.id));
}

inline Answer post_message(World& world, const Person& who, const Tenant& tenant, const std::string& thread,
                           const std::string& text, const Headers& more = {}) {
  return world.call("POST", "/chat/threads/" + thread + "/messages", with(World::in(who, tenant.id), more),
                    Json{{"text", text}});
}

/// A WebSocket that has everything behind it that was there before.
inline WsWire joined(World& world, const Person& who, const Tenant& tenant, const std::string& thread,
                     const std::string& query = {}) {
  WsWire wire = join(world, who, tenant, thread, query);
  REQUIRE(wire.opened().status == 101);
  REQUIRE(!wire.await("resume_cursor").is_null());
  return wire;
}

/// Holds the receipt of an `ack` or `error` frame against the audit log.
inline void saw_receipt(World& world, const Json& frame) {
  Answer answer;
  if (frame.is_object()) answer.headers = {{"nexus-audit-hash", frame.value("audit_hash", "")}};
  world.saw(answer);
}

/// Says the message and answers the `ack` or `error` frame that came for it. Its receipt is held against the audit log.
inline Json said(World& world, WsWire& wire, Json frame) {
  frame["type"] = "message";
  wire.say(frame);
  Json message = wire.await({"ack", "error"});
  saw_receipt(world, message);
  return message;
}

/// What an `error` frame says, as `outcome` says it of an answer; "ack" for one.
inline std::string outcome_of_frame(const Json& frame) {
  if (!frame.is_object() || frame.at("type") != "error") return frame.is_object() ? "ack" : "nothing";
  const Json& problem = frame.at("problem");
  return std::to_string(problem.at("status").get<int>()) + " " + problem.at("code").get<std::string>();
}

}  // namespace nexus::test
