// Conventions of all routes: request and trace ids, hosts and origins, rates, cursors, and which refusal speaks first.
#include "tests/api/expect.hpp"
#include "tests/api/world.hpp"
#include "tests/catch.hpp"

namespace nexus::test {

TEST_CASE("a good request id comes back, any other is replaced") {
  World& world = shared_world();
  const auto id_for = [&](const std::string& sent) {
    return world.call("GET", "/livez", {{"X-Request-Id", sent}}).header("x-request-id");
  };
  for (const std::string& good : {std::string("a"), std::string("Aa0._-"), std::string(64, 'x')})
    CHECK(id_for(good) == good);
  for (const std::string& bad :
       {std::string(65, 'x'), std::string("a b"), std::string("a/b"), std::string("<x>"), std::string("")}) {
    INFO(bad);
    CHECK(id_for(bad) != bad);
    CHECK(id_for(bad).size() == 36);
  }
  CHECK(id_for("") != id_for(""));
}

TEST_CASE("traceparent gives the trace id; without a good one it is the request id") {
  World& world = shared_world();
  const auto trace_for = [&](const Headers& headers) {
    return world.call("GET", "/auth/me", headers).json["trace_id"];
  };
  const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  CHECK(trace_for({{"traceparent", "00-" + trace + "-00f067aa0ba902b7-01"}}) == trace);
  CHECK(trace_for({{"traceparent", "01-" + trace + "-00f067aa0ba902b7-01-more"}}) == trace);
  for (const std::string& bad :
       {"00-" + std::string(32, '0') + "-00f067aa0ba902b7-01", "00-" + trace + "-0000000000000000-01",
        "ff-" + trace + "-00f067aa0ba902b7-01", "00-" + trace + "-00f067aa0ba902b7",
        "00-" + trace + "-00f067aa0ba902b7-01-x",
        std::string("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"), std::string("garbage")}) {
    INFO(bad);
    CHECK(trace_for({{"traceparent", bad}, {"X-Request-Id", "r-1"}}) == "r-1");
  }
}

TEST_CASE("a host that is not ours is refused, before the route is looked at") {
  World& world = shared_world();
  const std::string port = std::to_string(world.daemon().port());
  for (const std::string& host : {"localhost:" + port, "127.0.0.1:" + port, std::string("LOCALHOST"), "[::1]:" + port,
                                  std::string("127.9.9.9")}) {
    INFO(host);
    CHECK(world.call("GET", "/livez", {{"Host", host}}).status == 200);
  }
  for (const char* host : {"evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1",
                           "127.0.0.1:x", "nexus", "localhost:"}) {
    INFO(host);
    CHECK(outcome(world.call("GET", "/nope", {{"Host", host}})) == "421 host.not_allowed");
  }
}

TEST_CASE("a page of another origin is refused, the daemon's own is not") {
  World& world = shared_world();
  CHECK(world.call("GET", "/livez", {{"Origin", world.daemon().address()}}).status == 200);
  for (const char* origin : {"https://evil.example", "null", "http://127.0.0.1:1", "http://localhost", "file://"}) {
    INFO(origin);
    const Answer answer = world.call("GET", "/livez", {{"Origin", origin}});
    CHECK(outcome(answer) == "403 origin.not_allowed");
    CHECK(!answer.has("access-control-allow-origin"));
  }
  CHECK(world.call("OPTIONS", "/livez", {{"Origin", "https://evil.example"}}).status == 403);
}

TEST_CASE("a configured origin gets its preflight answered before all else, and sees the exposed headers") {
  DaemonOptions options = unlimited();
  options.arguments = {"--cors-origin", "https://console.example", "--allowed-host", "nexus.example"};
  World world(options);
  const Answer preflight = world.call("OPTIONS", "/nexus/raw/presign-upload",
                                      {{"Origin", "https://console.example"},
                                       {"Access-Control-Request-Method", "POST"},
                                       {"Access-Control-Request-Headers", "authorization,x-tenant-id"}});
  CHECK(preflight.status == 204);
  CHECK(preflight.header("access-control-allow-origin") == "https://console.example");
  CHECK(preflight.header("access-control-allow-methods").find("POST") != std::string::npos);
  CHECK(preflight.header("access-control-allow-headers").find("X-Tenant-Id") != std::string::npos);
  CHECK(preflight.header("vary").find("Origin") != std::string::npos);
  CHECK(world.call("OPTIONS", "/nowhere", {{"Origin", "https://console.example"}}).status == 204);

  const Answer answer =
      world.call("GET", "/auth/me", with(World::as(world.dev()), {{"Origin", "https://console.example"}}));
  CHECK(answer.status == 200);
  CHECK(answer.header("access-control-allow-origin") == "https://console.example");
  const std::string exposed = answer.header("access-control-expose-headers");
  for (const char* name : {"X-Request-Id", "Nexus-Audit-Seq", "Nexus-Audit-Hash", "RateLimit", "RateLimit-Policy",
                           "Retry-After", "ETag", "Location"})
    CHECK(exposed.find(name) != std::string::npos);
  CHECK(!answer.has("access-control-allow-credentials"));
  CHECK(world.call("GET", "/auth/me", {{"Origin", "https://console.example"}}).has("access-control-allow-origin"));
  CHECK(world.call("GET", "/livez", {{"Host", "nexus.example"}}).status == 200);
  CHECK(outcome(world.call("GET", "/livez", {{"Origin", "https://other.example"}})) == "403 origin.not_allowed");
}

TEST_CASE("over its quota an action of a tenant and env is refused, and nobody else's") {
  World world({.environment = {{"NEXUSD_LIMITS_DEFAULT_REQUESTS", "20"}}});
  const Person root = world.root();
  for (const char* id : {"t_a", "t_b"}) {
    REQUIRE(world.call("POST", "/tenants", World::as(root), Json{{"tenant_id", id}, {"name", id}}).status == 201);
    world.set_member(id, "u_dev", "owner");
  }
  const auto list = [&](const std::string& tenant, const std::string& env) {
    return world.call("GET", "/nexus/raw", World::in(world.dev(), tenant, env));
  };
  for (int i = 0; i < 20; ++i) {
    const Answer answer = list("t_a", "dev");
    CHECK(answer.status == 200);
    CHECK(answer.header("ratelimit-policy") == "\"default\";q=20;w=60");
    CHECK(answer.header("ratelimit").starts_with("\"default\";r=" + std::to_string(19 - i) + ";t="));
  }
  const Answer refused = list("t_a", "dev");
  CHECK(outcome(refused) == "429 rate_limit_exceeded");
  CHECK(refused.header("ratelimit").starts_with("\"default\";r=0;"));
  const int retry = std::stoi(refused.header("retry-after"));
  CHECK(retry >= 1);
  CHECK(retry <= 3);
  CHECK(refused.json["retry_after"] == retry);
  CHECK(list("t_a", "staging").status == 200);
  CHECK(list("t_b", "dev").status == 200);
  CHECK(world.call("GET", "/kill-switches", World::in(world.dev(), "t_a")).status == 200);
  // A stranger spends nobody's quota.
  const Person stranger = world.new_person();
  for (int i = 0; i < 25; ++i)
    CHECK(outcome(world.call("GET", "/nexus/raw", World::in(stranger, "t_b"))) == "403 auth.not_a_member");
  CHECK(list("t_b", "dev").status == 200);
}

TEST_CASE("a list pages through everything once, newest first, and takes no cursor but its own") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  std::vector<std::string> made;
  for (int i = 0; i < 7; ++i) made.push_back(world.registered(tenant.member, tenant.id).asset_id);
  const Headers headers = World::in(tenant.viewer, tenant.id);
  std::vector<std::string> seen;
  std::string target = "/nexus/raw?limit=3", cursor;
  for (int page = 0; page < 3; ++page) {
    const Answer answer = world.call("GET", target, headers);
    REQUIRE(answer.status == 200);
    for (const auto& item : answer.json["items"]) seen.push_back(item["asset_id"]);
    CHECK(answer.json["next_cursor"].is_null() == (page == 2));
    if (page == 2) break;
    if (page == 0) cursor = answer.json["next_cursor"];
    target = "/nexus/raw?limit=3&cursor=" + answer.json["next_cursor"].get<std::string>();
  }
  CHECK(seen == std::vector<std::string>(made.rbegin(), made.rend()));

  const auto with_cursor = [&](const std::string& text, const Headers& as = {}) {
    return outcome(world.call("GET", "/nexus/raw?cursor=" + text, as.empty() ? headers : as));
  };
  CHECK(with_cursor(cursor) == "200");
  const Tenant other = world.new_tenant_with_members();
  const std::string refused = "400 request.invalid_cursor";
  CHECK(with_cursor(cursor, World::in(other.viewer, other.id)) == refused);
  CHECK(with_cursor(cursor, World::in(tenant.viewer, tenant.id, "staging")) == refused);
  CHECK(outcome(world.call("GET", "/tokens?cursor=" + cursor, World::as(tenant.viewer))) == refused);
  CHECK(with_cursor("") == refused);
  CHECK(with_cursor("garbage") == refused);
  CHECK(with_cursor("%ff") == "400 request.malformed");
  CHECK(with_cursor(cursor + "A") == refused);
  for (std::size_t i = 0; i < cursor.size(); i += 7) {
    std::string damaged = cursor;
    damaged[i] = damaged[i] == 'A' ? 'B' : 'A';
    CHECK(with_cursor(damaged) == refused);
  }
}

TEST_CASE("a page has 1 to 200 items") {
  World& world = shared_world();
  const Headers headers = World::as(world.dev());
  for (const char* limit : {"1", "200"})
    CHECK(world.call("GET", std::string("/tokens?limit=") + limit, headers).status == 200);
  for (const char* limit : {"0", "201", "-1", "x", "", "1.5", "1e3", "99999999999999999999"}) {
    INFO(limit);
    const Answer answer = world.call("GET", std::string("/tokens?limit=") + limit, headers);
    CHECK(outcome(answer) == "422 validation.failed");
    CHECK(pointers(answer) == "/query/limit");
  }
  CHECK(outcome(world.call("GET", "/tokens?limit=1&limit=2", headers)) == "422 validation.failed");
}

TEST_CASE("of two faults the earlier in the contract's order speaks") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const std::string presign = "/nexus/raw/presign-upload";
  const Headers good = World::in(tenant.member, tenant.id);
  const Json body = {{"filename", "a"}};
  const auto post = [&](const Headers& headers, const Json& json) {
    return outcome(world.call("POST", presign, headers, json));
  };

  // head gate, host, origin, route, method
  CHECK(outcome(world.call("GET", "/nope", {{"Expect", "x"}, {"Host", "evil.example"}})) ==
        "417 request.expectation_failed");
  CHECK(outcome(world.call("GET", "/nope", {{"Host", "evil.example"}, {"Origin", "null"}})) == "421 host.not_allowed");
  CHECK(outcome(world.call("GET", "/nope", {{"Origin", "null"}})) == "403 origin.not_allowed");
  CHECK(outcome(world.call("PUT", "/livez", {{"Authorization", "Bearer x"}})) == "405 route.method_not_allowed");
  // token, context, membership, role, status
  CHECK(post(with(without(good, "X-Env"), {{"Authorization", "Bearer x"}}), body) == "401 auth.invalid_token");
  CHECK(post(with(without(good, "X-Env"), {{"X-Tenant-Id", "t_absent"}}), body) == "400 context.missing_env");
  CHECK(post(with(without(good, "X-Env"), {{"X-User-Id", "u_dev"}}), body) == "400 context.missing_env");
  CHECK(post(with(good, {{"X-Tenant-Id", "t_absent"}, {"Content-Type", "text/plain"}}), body) ==
        "403 auth.not_a_member");
  CHECK(post(with(World::in(tenant.viewer, tenant.id), {{"Content-Type", "text/plain"}}), body) ==
        "403 auth.insufficient_role");
  // type, body, assertion, idempotency, storage, gates, subject
  CHECK(outcome(world.call("POST", presign, with(good, {{"Content-Type", "text/plain"}}), std::string("{"))) ==
        "415 request.unsupported_media_type");
  CHECK(post(good, {{"filename", ""}, {"tenant_id", "t_other"}}) == "422 validation.failed");
  REQUIRE(post(with(good, {{"Idempotency-Key", "k"}}), body) == "200");
  CHECK(post(with(good, {{"Idempotency-Key", "k"}}), {{"filename", "b"}, {"env", "prod"}}) == "400 context.mismatch");
  const Headers prod = World::in(tenant.member, tenant.id, "prod");
  REQUIRE(
      world.put_kill_switches(tenant.admin, tenant.id, {{"disabled_actions", {"*", "raw_register"}}}, "prod").status ==
      200);
  CHECK(post(prod, {{"filename", "a"}, {"env", "dev"}}) == "400 context.mismatch");
  CHECK(post(prod, body) == "503 storage.local_in_prod");
  REQUIRE(
      world.put_kill_switches(tenant.admin, tenant.id, {{"disabled_actions", {"raw_register", "raw_delete"}}}).status ==
      200);
  CHECK(outcome(world.call("POST", "/nexus/raw/register", good, Json{{"asset_id", "none"}, {"filename", "a"}})) ==
        "403 kill_switch_blocked");
  CHECK(outcome(world.call("DELETE", "/nexus/raw/none", good)) == "403 kill_switch_blocked");
  // status before the body, for those who are members; strangers learn nothing of it
  world.set_status(tenant.id, "disabled");
  CHECK(post(with(good, {{"Content-Type", "text/plain"}}), body) == "403 tenant.disabled");
  CHECK(post(World::in(tenant.viewer, tenant.id), body) == "403 auth.insufficient_role");
  CHECK(post(World::in(world.new_person(), tenant.id), body) == "403 auth.not_a_member");
}

}  // namespace nexus::test
