// Why open streams end: permissions, switches, time, slowness, numbers, and the end of the daemon.
#include "tests/api/chat_support.hpp"
#include "tests/catch.hpp"

namespace nexus::test {
namespace {

std::size_t open_streams(World& world) {
  const std::string text = world.call("GET", "/metrics").body;
  const std::string name = "nexus_streams_open{transport=\"sse\"} ";
  return std::stoul(text.substr(text.find(name) + name.size()));
}

void put_flags(Chat& chat, const Json& flags) {
  REQUIRE(chat.world.call("PUT", "/feature-flags", World::in(chat.tenant.admin, chat.tenant.id), flags).status == 200);
}

}  // namespace

TEST_CASE("who is no member any more hears nothing more") {
  Chat chat;
  EventStream gone = chat.live(chat.tenant.viewer), stays = chat.live(chat.tenant.member);
  CHECK(chat.world
            .call("DELETE", "/tenants/" + chat.tenant.id + "/members/" + chat.tenant.viewer.id,
                  World::as(chat.tenant.owner))
            .status == 204);
  CHECK(gone.close_code() == 4403);
  CHECK(!gone.next());
  CHECK(outcome(chat.world.call("GET", "/sse/chat/" + chat.thread, World::in(chat.tenant.viewer, chat.tenant.id))) ==
        "403 auth.not_a_member");
  chat.say("still here");
  CHECK(stays.next_of("user_message"));
}

TEST_CASE("who is an admin no more loses the tails, and keeps the threads") {
  Chat chat;
  const Person& admin = chat.tenant.admin;
  EventStream tail(chat.world.daemon().port(), "/sse/events", World::in(admin, chat.tenant.id));
  REQUIRE(tail.next_of("resume_cursor"));
  EventStream thread = chat.live(admin);
  chat.world.set_member(chat.tenant.id, admin.id, "viewer");
  CHECK(tail.close_code() == 4403);
  chat.say("still here");
  CHECK(thread.next_of("user_message"));
}

TEST_CASE("a disabled tenant's streams end; a suspended one's go on") {
  Chat chat;
  EventStream stream = chat.live(chat.tenant.viewer);
  chat.world.set_status(chat.tenant.id, "suspended");
  CHECK(!stream.next_of("close", std::chrono::milliseconds(700)));
  chat.world.set_status(chat.tenant.id, "disabled");
  CHECK(stream.close_code() == 4403);
}

TEST_CASE("a token that is revoked, or expires, ends its streams and no others") {
  Chat chat;
  const std::string& viewer = chat.tenant.viewer.id;
  const Person brief{viewer, chat.world.new_token(viewer, {{"ttl_seconds", 2}})};
  const Person revoked{viewer, chat.world.new_token(viewer)};
  EventStream expires = chat.live(brief), is_revoked = chat.live(revoked), stays = chat.live(chat.tenant.viewer);
  const std::string id = chat.world.call("GET", "/auth/me", World::as(revoked)).json["token"]["token_id"];
  CHECK(chat.world.call("DELETE", "/tokens/" + id, World::as(chat.world.root())).status == 204);
  CHECK(is_revoked.close_code() == 4401);
  CHECK(expires.close_code() == 4401);
  chat.say("still here");
  CHECK(stays.next_of("user_message"));
}

TEST_CASE("a kill switch refuses new streams and ends open ones, until it is lifted") {
  Chat chat;
  EventStream stream = chat.live(chat.tenant.viewer);
  CHECK(
      chat.world.put_kill_switches(chat.tenant.admin, chat.tenant.id, {{"disabled_actions", {"chat_stream"}}}).status ==
      200);
  CHECK(stream.close_code() == 4503);
  const Headers viewer = World::in(chat.tenant.viewer, chat.tenant.id);
  CHECK(outcome(chat.world.call("GET", "/sse/chat/" + chat.thread, viewer)) == "403 kill_switch_blocked");
  CHECK(chat.world.put_kill_switches(chat.tenant.admin, chat.tenant.id, {{"disabled_actions", Json::array()}}).status ==
        200);
  CHECK(chat.live(chat.tenant.viewer).head().status == 200);
}

TEST_CASE("a flag refuses new streams before anything else of the subject, and ends open ones") {
  Chat chat;
  EventStream stream = chat.live(chat.tenant.viewer);
  put_flags(chat, {{"sse_enabled", false}});
  CHECK(stream.close_code() == 4503);
  const Headers viewer = World::in(chat.tenant.viewer, chat.tenant.id);
  CHECK(outcome(chat.world.call("GET", "/sse/chat/" + chat.thread, viewer)) == "403 feature.disabled");
  CHECK(outcome(chat.world.call("GET", "/sse/chat/never-was?last_event_id=x", viewer)) == "403 feature.disabled");
  CHECK(outcome(chat.world.call("GET", "/sse/audit", World::in(chat.tenant.admin, chat.tenant.id))) ==
        "403 feature.disabled");
  CHECK(chat.world.call("GET", chat.messages(), viewer).status == 200);
  put_flags(chat, {{"sse_enabled", true}});
  CHECK(chat.live(chat.tenant.viewer).head().status == 200);
}

TEST_CASE("a reader that never reads is ended, and nobody else notices") {
  Chat chat;
  EventStream slow = chat.live(chat.tenant.viewer), quick = chat.live(chat.tenant.owner);
  const std::string text(32 * 1024, 'x');
  const std::size_t before = open_streams(chat.world);
  for (int i = 0; i < 150; ++i) {  // far more than the queue and the kernel hold
    chat.say(text);
    REQUIRE(quick.next_of("user_message"));
  }
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (open_streams(chat.world) == before && std::chrono::steady_clock::now() < until) {
  }
  CHECK(open_streams(chat.world) == before - 1);
  while (slow.next()) {
  }
  const auto slow_closes = chat.world.call("GET", "/metrics").body.find("nexus_stream_slow_closes_total 0");
  CHECK(slow_closes == std::string::npos);
  chat.say("still here");
  CHECK(quick.next_of("user_message"));
}

TEST_CASE("one user, and the daemon, have so many streams and no more; a closed one makes room") {
  DaemonOptions options = unlimited();
  options.environment.emplace_back("NEXUSD_LIMITS_STREAMS_PER_USER", "2");
  options.environment.emplace_back("NEXUSD_MAX_STREAMS", "3");
  World world(options);
  Chat chat(world);
  const auto ask = [&](const Person& who) {
    return world.call("GET", "/sse/chat/" + chat.thread, World::in(who, chat.tenant.id));
  };
  EventStream first = chat.live(chat.tenant.viewer), second = chat.live(chat.tenant.viewer);
  const Answer third = ask(chat.tenant.viewer);
  CHECK(outcome(third) == "429 rate_limit_exceeded");
  CHECK(std::stoi(third.header("retry-after")) > 0);
  EventStream other = chat.live(chat.tenant.member);
  const Answer fourth = ask(chat.tenant.owner);
  CHECK(outcome(fourth) == "503 stream.no_place");
  CHECK(std::stoi(fourth.header("retry-after")) > 0);
  first.close();
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (open_streams(world) == 3 && std::chrono::steady_clock::now() < until) {
  }
  CHECK(chat.live(chat.tenant.viewer).head().status == 200);
}

TEST_CASE("at its end the daemon tells every stream that it goes, and when to come back") {
  World world(unlimited());
  Chat chat(world);
  EventStream stream = chat.live(chat.tenant.viewer);
  CHECK(world.stop() == 0);
  CHECK(stream.close_code() == 1001);
  const std::size_t close = stream.raw().find("event: close");
  const std::size_t retry = stream.raw().rfind("retry: ");
  REQUIRE(retry < close);
  const int wait = std::stoi(stream.raw().substr(retry + std::string("retry: ").size()));
  CHECK((wait >= 1000 && wait <= 3000));
}

}  // namespace nexus::test
