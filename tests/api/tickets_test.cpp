// Tickets: who gets one, for what, what is told of it afterwards, and that it opens one stream.
#include <algorithm>
#include <barrier>
#include <thread>

#include "tests/api/chat_support.hpp"
#include "tests/catch.hpp"

namespace nexus::test {
namespace {

Answer make_ticket(const Headers& headers, const std::string& route) {
  return shared_world().call("POST", "/tickets", headers, Json{{"route", route}});
}

/// The audit row behind an answer.
Json row_of(const Tenant& tenant, const Answer& answer) {
  const std::string target = "/audit/" + answer.header("nexus-audit-seq");
  return shared_world().call("GET", target, World::in(tenant.owner, tenant.id)).json;
}

}  // namespace

TEST_CASE("a viewer gets a ticket for any stream, with the time it ends") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  for (const char* route : {"/sse/chat/general", "/ws/chat/a.b-c_D9", "/sse/events", "/sse/audit"}) {
    INFO(route);
    const Answer answer = make_ticket(World::in(tenant.viewer, tenant.id), route);
    REQUIRE(outcome(answer) == "201");
    CHECK(answer.json.size() == 2);
    CHECK(answer.json.at("ticket").get<std::string>().starts_with("nxt_"));
    CHECK(answer.json.at("ticket").get<std::string>().size() == 47);
    const std::string expires_at = answer.json.at("expires_at");
    CHECK(expires_at.size() == std::string("2026-01-02T03:04:05.678Z").size());
    CHECK(expires_at.ends_with("Z"));
  }
}

TEST_CASE("a ticket is for the path of a stream and for nothing else") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const Headers headers = World::in(tenant.viewer, tenant.id);
  for (const char* route :
       {"/", "/sse", "/sse/chat", "/sse/chat/", "/sse/chat/a/b", "/sse/chat/.a", "/sse/chat/a b", "/sse/chat/%61",
        "/sse/chat/a?ticket=1", "/ws/chat/", "/ws/events", "/sse/events/", "/sse/audit?after=1", "sse/audit",
        "http://localhost/sse/audit", "/kill-switches", "/auth/me", "/tickets", "/SSE/AUDIT"}) {
    INFO(route);
    const Answer answer = make_ticket(headers, route);
    CHECK(outcome(answer) == "422 validation.failed");
    CHECK(answer.json.at("errors").at(0).at("pointer") == "/route");
    CHECK(answer.body.find("/sse/chat/{id}") != std::string::npos);
  }
  CHECK(outcome(make_ticket(headers, "/sse/chat/" + std::string(128, 'a'))) == "201");
  CHECK(outcome(make_ticket(headers, "/sse/chat/" + std::string(129, 'a'))) == "422 validation.failed");
  CHECK(outcome(world.call("POST", "/tickets", headers, Json::object())) == "422 validation.failed");
  CHECK(outcome(world.call("POST", "/tickets", headers, Json{{"route", 1}})) == "422 validation.failed");
}

TEST_CASE("the audit row of a ticket names its id and its path, and nothing that opens a stream") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const Answer answer = make_ticket(World::in(tenant.member, tenant.id, "staging"), "/ws/chat/general");
  const std::string seq = answer.header("nexus-audit-seq");
  const Answer row = world.call("GET", "/audit/" + seq, World::in(tenant.owner, tenant.id, "staging"));
  const Json& body = row.json.at("body");
  CHECK(body.at("action") == "ticket_create");
  CHECK(body.at("surface") == "identity");
  CHECK(body.at("subject").at("type") == "ticket");
  CHECK(body.at("actor").at("id") == tenant.member.id);
  CHECK(body.at("gates") == Json::array());
  CHECK(row.json.at("details").at("route") == "/ws/chat/general");
  const std::string secret = answer.json.at("ticket");
  CHECK(row.body.find(secret) == std::string::npos);
  CHECK(row.body.find(secret.substr(4)) == std::string::npos);
  CHECK(world.daemon().log().find(secret) == std::string::npos);
}

TEST_CASE("a repeated key tells the ticket's id, never the ticket") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const Headers headers = with(World::in(tenant.viewer, tenant.id), {{"Idempotency-Key", "once"}});
  const Answer first = make_ticket(headers, "/sse/events");
  REQUIRE(outcome(first) == "201");
  const std::string id = row_of(tenant, first).at("body").at("subject").at("id");
  const Answer second = make_ticket(headers, "/sse/events");
  CHECK(outcome(second) == "409 idempotency.secret_shown");
  CHECK(second.body.find(id) != std::string::npos);
  CHECK(second.body.find(first.json.at("ticket").get<std::string>()) == std::string::npos);
  CHECK(outcome(make_ticket(headers, "/sse/audit")) == "422 idempotency.key_reused");
}

TEST_CASE("a ticket stands for a token where a stream is opened, and nowhere else") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const std::string ticket = make_ticket(World::in(tenant.owner, tenant.id), "/sse/audit").json.at("ticket");
  for (const char* path : {"/auth/me", "/kill-switches", "/audit", "/nexus/raw", "/events"}) {
    INFO(path);
    CHECK(outcome(world.call("GET", std::string(path) + "?ticket=" + ticket)) == "401 auth.missing_token");
    const Answer beside =
        world.call("GET", std::string(path) + "?ticket=" + ticket, World::in(tenant.owner, tenant.id));
    CHECK(outcome(beside) == "422 validation.unknown_field");
    CHECK(beside.body.find(ticket) == std::string::npos);
  }
  CHECK(outcome(world.call("GET", "/auth/me", {{"Authorization", "Bearer " + ticket}})) == "401 auth.invalid_token");
}

TEST_CASE("a ticket opens a stream of server-sent events, with the rights of who made it") {
  Chat chat;
  const auto open = [&](const Person& who, const std::string& path, const std::string& query = {}) {
    const std::string ticket = make_ticket(World::in(who, chat.tenant.id), path).json.at("ticket");
    return EventStream(chat.world.daemon().port(), path + "?ticket=" + ticket + query, {});
  };
  chat.say("before");
  EventStream thread = open(chat.tenant.viewer, "/sse/chat/" + chat.thread, "&from=earliest");
  REQUIRE(thread.head().status == 200);
  CHECK(thread.next_of("user_message")->json.at("data").at("text") == "before");
  chat.say("after");
  CHECK(thread.next_of("user_message")->json.at("data").at("text") == "after");
  for (const char* path : {"/sse/events", "/sse/audit"}) {
    CHECK(open(chat.tenant.admin, path).head().status == 200);
    CHECK(open(chat.tenant.viewer, path).head().status == 403);
  }
}

TEST_CASE("a ticket is used up by a stream that is refused, too") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const std::string ticket = make_ticket(World::in(tenant.viewer, tenant.id), "/sse/audit").json.at("ticket");
  CHECK(outcome(world.call("GET", "/sse/audit?ticket=" + ticket)) == "403 auth.insufficient_role");
  CHECK(outcome(world.call("GET", "/sse/audit?ticket=" + ticket)) == "401 auth.invalid_ticket");
}

TEST_CASE("of requests that race with one ticket, one opens the stream") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  constexpr std::size_t racers = 4;
  for (int round = 0; round < 25; ++round) {
    const std::string ticket = make_ticket(World::in(tenant.admin, tenant.id), "/sse/events").json.at("ticket");
    std::vector<std::string> outcomes(racers);
    std::barrier start(racers);
    std::vector<std::thread> threads;
    for (std::size_t racer = 0; racer < racers; ++racer)
      threads.emplace_back([&, racer] {
        start.arrive_and_wait();
        const EventStream stream(world.daemon().port(), "/sse/events?ticket=" + ticket, {});
        outcomes[racer] = outcome(stream.head());
      });
    for (std::thread& thread : threads) thread.join();
    CHECK(std::ranges::count(outcomes, "200") == 1);
    CHECK(std::ranges::count(outcomes, "401 auth.invalid_ticket") == racers - 1);
  }
}

TEST_CASE("a ticket that was made before a restart opens its stream after it, once; a used one does not") {
  const TemporaryDirectory directory;
  const auto data = directory.path() / "data";
  std::string unused, used;
  const auto opened = [](const DaemonProcess& daemon, const std::string& ticket) {
    return outcome(EventStream(daemon.port(), "/sse/events?ticket=" + ticket, {}).head());
  };
  {
    DaemonProcess daemon({.data_dir = data});
    Client client(daemon.address());
    const Headers headers = World::in({"u_dev", daemon.token()}, "t_dev");
    const std::string body = R"({"route":"/sse/events"})";
    unused = client.request("POST", "/tickets", headers, body).json.at("ticket");
    used = client.request("POST", "/tickets", headers, body).json.at("ticket");
    CHECK(opened(daemon, used) == "200");
    daemon.kill();
  }
  const DaemonProcess daemon({.data_dir = data});
  CHECK(opened(daemon, used) == "401 auth.invalid_ticket");
  CHECK(opened(daemon, unused) == "200");
  CHECK(opened(daemon, unused) == "401 auth.invalid_ticket");
}

}  // namespace nexus::test
