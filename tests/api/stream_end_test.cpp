// The line of the log at the end of a stream: whose it was, how long, how much was sent, and why it ended.
#include <csignal>
#include <sstream>

#include "tests/api/chat_support.hpp"
#include "tests/api/raw_storage_support.hpp"
#include "tests/api/ws_support.hpp"
#include "tests/catch.hpp"

namespace nexus::test {
namespace {

DaemonOptions logged(std::vector<std::string> arguments) {
  DaemonOptions options = unlimited();
  options.arguments = std::move(arguments);
  return options;
}

/// The lines of ended streams that this user had, oldest first.
std::vector<Json> ends_of(World& world, const Person& who) {
  std::vector<Json> lines;
  std::istringstream log(world.log());
  for (std::string text; std::getline(log, text);) {
    const Json line = Json::parse(text, nullptr, false);
    if (line.is_object() && line.at("message") == "stream ended" && line.at("user") == who.id) lines.push_back(line);
  }
  return lines;
}

/// The one line of the user's stream, once it is there.
Json end_of(World& world, const Person& who) {
  eventually([&] { return !ends_of(world, who).empty(); });
  const auto lines = ends_of(world, who);
  INFO(who.id << "\n" << world.log());
  REQUIRE(lines.size() == 1);
  return lines[0];
}

void end_membership(Chat& chat, const Person& who) {
  const std::string member = "/tenants/" + chat.tenant.id + "/members/" + who.id;
  REQUIRE(chat.world.call("DELETE", member, World::as(chat.tenant.owner)).status == 204);
}

}  // namespace

TEST_CASE("the end of a stream of events has a line: whose, how long, how much, and why", "[log]") {
  World world(logged({"--access-log", "--log-format", "json"}));
  Chat chat(world);
  const Person &left = chat.tenant.viewer, &removed = chat.tenant.member;
  std::string request_id;
  std::size_t seen = 0;
  {
    EventStream stream = chat.live(left);
    request_id = stream.head().header("x-request-id");
    seen = stream.raw().size();
  }
  const Json line = end_of(world, left);
  CHECK(line.at("level") == "info");
  CHECK(line.at("method") == "GET");
  CHECK(line.at("route") == "/sse/chat/{thread_id}");
  CHECK(line.at("reason") == "the client has gone");
  CHECK_FALSE(line.contains("close"));
  CHECK(line.at("tenant") == chat.tenant.id);
  CHECK(line.at("env") == "dev");
  CHECK(line.at("request_id") == request_id);
  CHECK(line.at("client") == "127.0.0.1");
  CHECK(line.at("bytes").get<std::size_t>() >= seen);
  CHECK(line.at("micros").get<std::int64_t>() > 0);

  EventStream stream = chat.live(removed);
  end_membership(chat, removed);
  CHECK(stream.close_code() == 4403);
  CHECK(end_of(world, removed).at("close") == 4403);
  CHECK(end_of(world, removed).at("reason") == "the membership ended, or the tenant was disabled");
}

TEST_CASE("the end of a WebSocket has a line: closed by the daemon, by the client, by a bad frame, or gone", "[log]") {
  World world(logged({"--access-log", "--log-format", "json"}));
  Chat chat(world);
  const auto& [id, owner, admin, member, viewer] = chat.tenant;
  WsWire closes = joined(world, viewer, chat.tenant, chat.thread);
  closes.send(ws_frame(Opcode::close, close_payload(1000, "a text of the client")));
  CHECK(closes.await_close() == 1000);
  closes.drop();  // the daemon waits a while for that
  const Json closed = end_of(world, viewer);
  CHECK(closed.at("route") == "/ws/chat/{thread_id}");
  CHECK(closed.at("close") == 1000);
  CHECK(closed.at("reason") == "the client closed it");
  CHECK(closed.at("request_id") == closes.opened().header("x-request-id"));
  CHECK(closed.at("bytes").get<std::int64_t>() > 0);
  CHECK(world.log().find("a text of the client") == std::string::npos);

  WsWire faulty = joined(world, member, chat.tenant, chat.thread);
  faulty.send(ws_frame(Opcode::binary, "x"));
  CHECK(faulty.await_close() == 1003);
  faulty.drop();
  CHECK(end_of(world, member).at("close") == 1003);
  CHECK(end_of(world, member).at("reason") == "frames are text");

  WsWire gone = joined(world, admin, chat.tenant, chat.thread);
  gone.drop();
  CHECK(end_of(world, admin).at("reason") == "the client has gone");

  WsWire lasting = joined(world, owner, chat.tenant, chat.thread);
  world.signal(SIGTERM);
  CHECK(lasting.await_close() == 1001);
  CHECK(world.wait() == 0);
  CHECK(end_of(world, owner).at("close") == 1001);
  CHECK(end_of(world, owner).at("reason") == "the daemon is shutting down");
}

TEST_CASE("without the access log the end of a stream has no line", "[log]") {
  World world(logged({"--log-format", "json"}));
  Chat chat(world);
  chat.live(chat.tenant.viewer).close();
  EventStream stays = chat.live(chat.tenant.member);
  end_membership(chat, chat.tenant.member);
  CHECK(stays.close_code() == 4403);
  CHECK(world.stop() == 0);
  CHECK(ends_of(world, chat.tenant.viewer).empty());
  CHECK(ends_of(world, chat.tenant.member).empty());
}

}  // namespace nexus::test
