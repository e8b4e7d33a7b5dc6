// What may not become a WebSocket is refused over HTTP, with a problem document, before a byte of the stream.
#include "tests/api/expect.hpp"
#include "tests/api/ws_support.hpp"
#include "tests/catch.hpp"

namespace nexus::test {
namespace {

/// The whole answer to a handshake; 101 would mean that a stream was opened.
Answer handshake(World& world, const std::string& target, const Headers& headers) {
  WsWire wire(world.daemon().port(), target, headers);
  return wire.opened();
}

std::string opened(World& world, const std::string& target, const Headers& headers) {
  const Answer answer = handshake(world, target, headers);
  if (answer.status != 101) CHECK(is_well_formed_problem(answer));
  return answer.status == 101 ? "101" : outcome(answer);
}

std::string ticket_of(World& world, const Headers& headers, const std::string& route) {
  return world.call("POST", "/tickets", headers, Json{{"route", route}}).json.at("ticket");
}

}  // namespace

TEST_CASE("strangers, wrong tenants and wrong envs open no WebSocket", "[ws]") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members(), neighbour = world.new_tenant_with_members();
  const std::string target = "/ws/chat/" + new_thread(world, tenant);
  const Headers good = World::in(tenant.viewer, tenant.id);
  CHECK(opened(world, target, good) == "101");
  CHECK(opened(world, target, without(good, "Authorization")) == "401 auth.missing_token");
  CHECK(opened(world, target, with(good, {{"Authorization", "Bearer garbage"}})) == "401 auth.invalid_token");
  CHECK(opened(world, target, without(good, "X-Tenant-Id")) == "400 context.missing_tenant");
  CHECK(opened(world, target, with(good, {{"X-Tenant-Id", "t_unknown"}})) == "400 context.invalid_tenant");
  CHECK(opened(world, target, without(good, "X-Env")) == "400 context.missing_env");
  CHECK(opened(world, target, with(good, {{"X-Env", "qa"}})) == "400 context.invalid_env");
  CHECK(opened(world, target, with(good, {{"X-Tenant-Id", neighbour.id}})) == "403 auth.not_a_member");
  CHECK(opened(world, target, World::in(neighbour.owner, tenant.id)) == "403 auth.not_a_member");
  CHECK(opened(world, target, with(good, {{"X-User-Id", neighbour.owner.id}})) == "403 context.user_mismatch");
  CHECK(opened(world, target, with(good, {{"Host", "evil.example"}})) == "421 host.not_allowed");
  CHECK(opened(world, target, with(good, {{"Origin", "https://evil.example"}})) == "403 origin.not_allowed");
  CHECK(opened(world, target, with(good, {{"Origin", "http://localhost"}})) == "101");
  CHECK(opened(world, target + "?tenant_id=" + neighbour.id, good) == "400 context.mismatch");
}

TEST_CASE("a thread of another tenant or env looks like one that never was", "[ws]") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members(), neighbour = world.new_tenant_with_members();
  const std::string theirs = new_thread(world, neighbour), elsewhere = new_thread(world, tenant);
  const Headers good = World::in(tenant.owner, tenant.id);
  const Answer absent = handshake(world, "/ws/chat/never-was", good);
  CHECK(outcome(absent) == "404 thread.not_found");
  CHECK(comparable(handshake(world, "/ws/chat/" + theirs, good)) == comparable(absent));
  CHECK(comparable(handshake(world, "/ws/chat/" + elsewhere, with(good, {{"X-Env", "staging"}}))) ==
        comparable(absent));
  CHECK(opened(world, "/ws/chat/" + elsewhere, good) == "101");
}

TEST_CASE("a request that is no good handshake is told what is missing", "[ws]") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const std::string target = "/ws/chat/" + new_thread(world, tenant);
  const Headers good = World::in(tenant.viewer, tenant.id);
  const Answer plain = world.call("GET", target, good);
  CHECK(outcome(plain) == "426 request.upgrade_required");
  CHECK(plain.header("upgrade") == "websocket");
  CHECK(plain.header("sec-websocket-version") == "13");
  CHECK(outcome(world.call("POST", target, good, Json{{"text", "hi"}})) == "405 route.method_not_allowed");
  CHECK(opened(world, target, with(good, {{"Upgrade", "h2c"}})) == "426 request.upgrade_required");
  CHECK(opened(world, target, with(good, {{"Connection", "close"}})) == "426 request.upgrade_required");
  CHECK(opened(world, target, with(good, {{"Sec-WebSocket-Version", "8"}})) == "426 request.upgrade_required");
  CHECK(opened(world, target, with(good, {{"Sec-WebSocket-Version", ""}})) == "400 request.malformed");
  CHECK(opened(world, target, with(good, {{"Sec-WebSocket-Key", ""}})) == "400 request.malformed");
  CHECK(opened(world, target, with(good, {{"Sec-WebSocket-Key", "short"}})) == "400 request.malformed");
  CHECK(opened(world, target + "?last_event_id=nonsense", good) == "400 chat.cursor_invalid");
  CHECK(opened(world, target + "?from=middle", good) == "422 validation.failed");
  CHECK(opened(world, target + "?form=earliest", good) == "422 validation.unknown_field");
}

TEST_CASE("a connection whose handshake was refused may try again", "[ws]") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const std::string target = "/ws/chat/" + new_thread(world, tenant);
  const Headers good = World::in(tenant.viewer, tenant.id);
  Wire wire(world.daemon().port());
  wire.send(ws_handshake("/ws/chat/never-was", good));
  CHECK(outcome(wire.answer()) == "404 thread.not_found");
  wire.send(ws_handshake(target, good));
  CHECK(wire.answer().status == 101);
}

TEST_CASE("the answer to a good handshake is the one of RFC 6455", "[ws]") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const std::string target = "/ws/chat/" + new_thread(world, tenant);
  const Headers good = World::in(tenant.viewer, tenant.id);
  const Answer answer = handshake(world, target, good);
  CHECK(answer.status == 101);
  CHECK(answer.header("sec-websocket-accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  CHECK(!answer.header("x-request-id").empty());
  CHECK(!answer.has("sec-websocket-protocol"));
  const Answer offered = handshake(world, target,
                                   with(good, {{"Sec-WebSocket-Protocol", "other, nexus.chat.v1"},
                                               {"Sec-WebSocket-Extensions", "permessage-deflate"}}));
  CHECK(offered.header("sec-websocket-protocol") == "nexus.chat.v1");
  CHECK(!offered.has("sec-websocket-extensions"));
}

TEST_CASE("a switched off transport opens no WebSocket, and closes those that are open with 4503", "[ws]") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const std::string thread = new_thread(world, tenant), target = "/ws/chat/" + thread;
  const Headers good = World::in(tenant.viewer, tenant.id);
  const auto flags = [&](bool on) {
    return world.call("PUT", "/feature-flags", World::in(tenant.owner, tenant.id), Json{{"ws_enabled", on}}).status;
  };
  WsWire open = join(world, tenant.viewer, tenant, thread);
  REQUIRE(!open.await("resume_cursor").is_null());
  REQUIRE(flags(false) == 200);
  CHECK(open.await_close() == 4503);
  CHECK(open.ends());
  CHECK(opened(world, target, good) == "403 feature.disabled");
  REQUIRE(flags(true) == 200);
  CHECK(opened(world, target, good) == "101");
}

TEST_CASE("a kill switch on chat_stream opens no WebSocket, and closes those that are open with 4503", "[ws]") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const std::string thread = new_thread(world, tenant);
  WsWire open = join(world, tenant.viewer, tenant, thread);
  REQUIRE(!open.await("resume_cursor").is_null());
  REQUIRE(world.put_kill_switches(tenant.owner, tenant.id, {{"disabled_actions", {"chat_stream"}}}).status == 200);
  CHECK(open.await_close() == 4503);
  const Answer refused = handshake(world, "/ws/chat/" + thread, World::in(tenant.viewer, tenant.id));
  CHECK(outcome(refused) == "403 kill_switch_blocked");
  world.saw(refused);
}

// ---- tickets --------------------------------------------------------------------------------------------------------

TEST_CASE("a ticket opens one WebSocket on its path, once, in place of all headers", "[ws]") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const std::string thread = new_thread(world, tenant), other = new_thread(world, tenant);
  const Headers good = World::in(tenant.viewer, tenant.id);
  const std::string path = "/ws/chat/" + thread, ticket = ticket_of(world, good, path);
  CHECK(opened(world, "/ws/chat/" + other + "?ticket=" + ticket, {}) == "401 auth.invalid_ticket");
  CHECK(opened(world, path + "?ticket=" + ticket, {{"Origin", "https://evil.example"}}) == "403 origin.not_allowed");
  CHECK(opened(world, path + "?ticket=" + ticket, {}) == "101");
  CHECK(opened(world, path + "?ticket=" + ticket, {}) == "401 auth.invalid_ticket");
  CHECK(opened(world, path + "?ticket=", {}) == "401 auth.invalid_ticket");
  CHECK(opened(world, path + "?ticket=nxt_x", {}) == "401 auth.invalid_ticket");
  const std::string twice = ticket_of(world, good, path);
  CHECK(opened(world, path + "?ticket=" + twice + "&ticket=" + twice, {}) == "401 auth.invalid_ticket");
  CHECK(opened(world, path + "?from=earliest&ticket=" + twice, {}) == "101");
}

TEST_CASE("a ticket for a thread that is not there is used up by the 404", "[ws]") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const std::string path = "/ws/chat/never-was";
  const std::string target = path + "?ticket=" + ticket_of(world, World::in(tenant.viewer, tenant.id), path);
  CHECK(opened(world, target, {}) == "404 thread.not_found");
  CHECK(opened(world, target, {}) == "401 auth.invalid_ticket");
}

TEST_CASE("headers beside a ticket say the same, or the stream is not opened", "[ws]") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members(), neighbour = world.new_tenant_with_members();
  const std::string path = "/ws/chat/" + new_thread(world, tenant);
  const Headers good = World::in(tenant.viewer, tenant.id);
  const auto beside = [&](const Headers& headers) {
    return opened(world, path + "?ticket=" + ticket_of(world, good, path), headers);
  };
  CHECK(beside(good) == "101");
  CHECK(beside({{"X-Env", "DEV"}}) == "101");
  CHECK(beside({{"X-Tenant-Id", neighbour.id}}) == "400 context.mismatch");
  CHECK(beside({{"X-Env", "prod"}}) == "400 context.mismatch");
  CHECK(beside({{"X-Env", "qa"}}) == "400 context.invalid_env");
  CHECK(beside({{"X-Tenant-Id", "t_unknown"}}) == "400 context.invalid_tenant");
  CHECK(beside({{"X-User-Id", tenant.owner.id}}) == "403 context.user_mismatch");
  CHECK(beside({{"Authorization", "Bearer " + tenant.owner.token}}) == "401 auth.invalid_ticket");
  CHECK(beside({{"Authorization", "Bearer " + world.new_token(tenant.viewer.id)}}) == "401 auth.invalid_ticket");
  CHECK(beside({{"Authorization", "Bearer garbage"}}) == "401 auth.invalid_token");
}

TEST_CASE("a ticket is worth what its token and membership are worth when it is used", "[ws]") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const std::string path = "/ws/chat/" + new_thread(world, tenant);
  const Answer token = world.call("POST", "/tokens", World::as(tenant.viewer), Json::object());
  const Person narrow{tenant.viewer.id, token.json.at("token")};
  const std::string of_token = ticket_of(world, World::in(narrow, tenant.id), path);
  const std::string of_member = ticket_of(world, World::in(tenant.viewer, tenant.id), path);
  const std::string id = token.json.at("token_id");
  REQUIRE(world.call("DELETE", "/tokens/" + id, World::as(tenant.viewer)).status == 204);
  CHECK(opened(world, path + "?ticket=" + of_token, {}) == "401 auth.token_revoked");
  const std::string member = "/tenants/" + tenant.id + "/members/" + tenant.viewer.id;
  REQUIRE(world.call("DELETE", member, World::as(tenant.owner)).status == 204);
  CHECK(opened(world, path + "?ticket=" + of_member, {}) == "403 auth.not_a_member");
}

TEST_CASE("a ticket of the system token carries its reason", "[ws]") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const std::string path = "/ws/chat/" + new_thread(world, tenant);
  const std::string ticket = ticket_of(world, World::in(world.root(), tenant.id), path);
  CHECK(opened(world, path + "?ticket=" + ticket, {}) == "101");
}

}  // namespace nexus::test
