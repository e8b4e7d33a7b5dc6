// Memory: whose session a turn goes to, the order of turns, pages, who may read and delete, and what is left.
#include <algorithm>
#include <thread>

#include "tests/api/expect.hpp"
#include "tests/api/world.hpp"
#include "tests/catch.hpp"

namespace nexus::test {
namespace {

struct Memory {
  World& world = shared_world();
  Tenant tenant = world.new_tenant_with_members();

  static std::string path(const std::string& session) { return "/nexus/memory/session/" + session; }
  Answer post(const std::string& role, const std::string& session, const Json& body) {
    return world.call("POST", path(session) + "/turn", World::in(tenant.at(role), tenant.id), body);
  }
  Answer say(const std::string& role, const std::string& session, const std::string& content) {
    return post(role, session, Json{{"role", "user"}, {"content", content}});
  }
  Answer share(const std::string& role, const std::string& session, const std::string& content) {
    return post(role, session, Json{{"role", "user"}, {"content", content}, {"shared", true}});
  }
  Answer get(const std::string& role, const std::string& session, const std::string& query = "",
             const std::string& env = "dev") {
    return world.call("GET", path(session) + query, World::in(tenant.at(role), tenant.id, env));
  }
  Answer erase(const std::string& role, const std::string& session, const std::string& query = "") {
    return world.call("DELETE", path(session) + query, World::in(tenant.at(role), tenant.id));
  }
  std::vector<std::string> contents(const std::string& role, const std::string& session,
                                    const std::string& query = "") {
    std::vector<std::string> out;
    const Answer answer = get(role, session, query);
    REQUIRE(answer.status == 200);
    for (const auto& turn : answer.json.at("turns")) out.push_back(turn.at("content"));
    return out;
  }
  Json newest_event() {
    return world.call("GET", "/events?limit=1", World::in(tenant.admin, tenant.id)).json.at("items").at(0);
  }
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("turns come back as they were sent, oldest first, with ids and times of the server", "[memory]") {
  Memory memory;
  const Answer first = memory.post("member", "s1", {{"role", "user"}, {"content", "Hello,\n \"you\" <a@b.example>"}});
  REQUIRE(first.status == 201);
  CHECK(first.header("location").ends_with("/nexus/memory/session/s1"));
  CHECK(first.has("nexus-audit-seq"));
  const Json metadata = {{"model", "m"}, {"nested", {{"a", {1, 2}}}}};
  const Answer second =
      memory.post("member", "s1", {{"session_id", "s1"}, {"role", "agent"}, {"content", "Hi"}, {"metadata", metadata}});
  REQUIRE(second.status == 201);
  CHECK(second.json["metadata"] == metadata);
  CHECK(second.json["created_by"] == memory.tenant.member.id);
  const Json snapshot = memory.get("member", "s1").json;
  CHECK(snapshot["session_id"] == "s1");
  CHECK(snapshot["shared"] == false);
  CHECK(snapshot["tenant_id"] == memory.tenant.id);
  CHECK(snapshot["env"] == "dev");
  CHECK(snapshot["created_by"] == memory.tenant.member.id);
  CHECK(snapshot["created_at"] == first.json["created_at"]);
  CHECK(snapshot["next_cursor"].is_null());
  CHECK(snapshot["turns"] == Json::array({first.json, second.json}));
  CHECK(first.json["content"] == "Hello,\n \"you\" <a@b.example>");
  CHECK(first.json["metadata"] == Json::object());
  CHECK(first.json["turn_id"].get<std::string>().size() == 36);
}

TEST_CASE("a session is its owner's: two users' s1 are two sessions", "[memory]") {
  Memory memory;
  REQUIRE(memory.say("member", "s1", "mine").status == 201);
  CHECK(outcome(memory.get("owner", "s1")) == "404 session.not_found");
  CHECK(outcome(memory.get("viewer", "s1")) == "404 session.not_found");
  REQUIRE(memory.say("owner", "s1", "the owner's").status == 201);
  CHECK(memory.contents("member", "s1") == Texts{"mine"});
  CHECK(memory.contents("owner", "s1") == Texts{"the owner's"});
  CHECK(outcome(memory.get("member", "s1", "", "staging")) == "404 session.not_found");
}

TEST_CASE("a shared session takes everybody's turns but of those who have one of their own", "[memory]") {
  Memory memory;
  REQUIRE(memory.say("member", "plan", "my own").status == 201);
  REQUIRE(memory.share("admin", "plan", "opened").status == 201);
  CHECK(outcome(memory.share("admin", "plan", "again")) == "409 session.exists");
  CHECK(outcome(memory.share("member", "plan", "again")) == "409 session.exists");
  REQUIRE(memory.say("owner", "plan", "joined").status == 201);
  REQUIRE(memory.say("member", "plan", "still my own").status == 201);
  CHECK(memory.contents("viewer", "plan") == Texts{"opened", "joined"});
  CHECK(memory.contents("owner", "plan") == Texts{"opened", "joined"});
  CHECK(memory.contents("member", "plan") == Texts{"my own", "still my own"});
  CHECK(memory.get("viewer", "plan").json["shared"] == true);
  CHECK(memory.get("member", "plan").json["shared"] == false);
}

TEST_CASE("admins read the sessions of others by user_id, nobody else does", "[memory]") {
  Memory memory;
  REQUIRE(memory.say("member", "s1", "private").status == 201);
  REQUIRE(memory.share("owner", "s1", "shared").status == 201);
  const std::string of_member = "?user_id=" + memory.tenant.member.id;
  CHECK(memory.contents("admin", "s1", of_member) == Texts{"private"});
  CHECK(memory.contents("admin", "s1") == Texts{"shared"});
  CHECK(memory.contents("member", "s1", of_member) == Texts{"private"});
  CHECK(outcome(memory.get("viewer", "s1", of_member)) == "403 auth.insufficient_role");
  CHECK(outcome(memory.get("viewer", "none", "?user_id=u_nobody")) == "403 auth.insufficient_role");
  CHECK(outcome(memory.get("admin", "s1", "?user_id=u_nobody")) == "404 session.not_found");
  // Asked by user_id, the shared one does not stand in.
  CHECK(outcome(memory.get("viewer", "s1", "?user_id=" + memory.tenant.viewer.id)) == "404 session.not_found");
}

TEST_CASE("pages of a session follow one another, whatever is said meanwhile", "[memory]") {
  Memory memory;
  for (int i = 0; i < 5; ++i) REQUIRE(memory.say("member", "long", std::to_string(i)).status == 201);
  Texts seen;
  std::string query = "?limit=2";
  for (int page = 0; page < 4; ++page) {
    const Answer answer = memory.get("member", "long", query);
    REQUIRE(answer.status == 200);
    for (const auto& turn : answer.json["turns"]) seen.push_back(turn["content"]);
    if (page == 0) REQUIRE(memory.say("member", "long", "5").status == 201);
    if (answer.json["next_cursor"].is_null()) break;
    query = "?limit=2&cursor=" + answer.json["next_cursor"].get<std::string>();
  }
  CHECK(seen == Texts{"0", "1", "2", "3", "4", "5"});
  CHECK(outcome(memory.get("member", "other", query)) == "400 request.invalid_cursor");
  CHECK(outcome(memory.get("owner", "long", query)) == "400 request.invalid_cursor");
  REQUIRE(memory.erase("member", "long").status == 204);
  REQUIRE(memory.say("member", "long", "a new one").status == 201);
  CHECK(outcome(memory.get("member", "long", query)) == "404 session.not_found");
}

TEST_CASE("a page of the shared session goes on in it, also when one opened one's own meanwhile", "[memory]") {
  Memory memory;
  REQUIRE(memory.share("owner", "s", "0").status == 201);
  REQUIRE(memory.say("owner", "s", "1").status == 201);
  const std::string next = memory.get("viewer", "s", "?limit=1").json["next_cursor"];
  memory.world.set_member(memory.tenant.id, memory.tenant.viewer.id, "member");
  CHECK(memory.contents("viewer", "s", "?cursor=" + next) == Texts{"1"});
}

TEST_CASE("many writers at once leave one order without a gap", "[memory]") {
  Memory memory;
  constexpr int writers = 4, turns = 25;
  REQUIRE(memory.share("member", "busy", "first").status == 201);
  std::vector<std::vector<Answer>> answers(writers);
  {
    std::vector<std::thread> threads;
    for (int i = 0; i < writers; ++i)
      threads.emplace_back([&, i] {
        Client client(memory.world.daemon().address());
        const Headers headers = World::in(memory.tenant.at(i % 2 ? "owner" : "admin"), memory.tenant.id);
        for (int k = 0; k < turns; ++k)
          answers[static_cast<std::size_t>(i)].push_back(
              client.request("POST", Memory::path("busy") + "/turn", headers,
                             Json{{"role", "user"}, {"content", std::to_string(i) + "." + std::to_string(k)}}.dump()));
      });
    for (auto& thread : threads) thread.join();
  }
  for (const auto& each : answers)
    for (const Answer& answer : each) {
      CHECK(answer.status == 201);
      memory.world.saw(answer);
    }
  const Json all = memory.get("member", "busy", "?limit=200").json["turns"];
  REQUIRE(all.size() == writers * turns + 1);
  std::vector<int> next(writers, 0);
  for (std::size_t i = 1; i < all.size(); ++i) {
    CHECK(all[i]["created_at"] >= all[i - 1]["created_at"]);
    // Ids of two daemons may sort apart within a millisecond.
    CHECK((memory.world.daemons() > 1 || all[i]["turn_id"] > all[i - 1]["turn_id"]));
    const std::string content = all[i]["content"];
    const auto writer = static_cast<std::size_t>(content[0] - '0');
    CHECK(content == std::to_string(writer) + "." + std::to_string(next[writer]++));  // each writer's own order
  }
}

TEST_CASE("a session is deleted by its creator or an admin, and its name is free again", "[memory]") {
  Memory memory;
  REQUIRE(memory.share("member", "s", "shared").status == 201);
  CHECK(outcome(memory.erase("viewer", "s")) == "403 auth.insufficient_role");
  memory.world.set_member(memory.tenant.id, memory.tenant.viewer.id, "member");
  CHECK(outcome(memory.erase("viewer", "s")) == "403 auth.insufficient_role");
  const Answer gone = memory.erase("member", "s");
  CHECK(gone.status == 204);
  CHECK(gone.has("nexus-audit-seq"));
  CHECK(outcome(memory.get("member", "s")) == "404 session.not_found");
  CHECK(outcome(memory.erase("member", "s")) == "404 session.not_found");
  REQUIRE(memory.share("owner", "s", "another").status == 201);
  CHECK(memory.erase("admin", "s").status == 204);

  REQUIRE(memory.say("member", "mine", "a").status == 201);
  CHECK(outcome(memory.erase("admin", "mine")) == "404 session.not_found");
  CHECK(memory.erase("admin", "mine", "?user_id=" + memory.tenant.member.id).status == 204);
  REQUIRE(memory.say("member", "mine", "b").status == 201);
  CHECK(memory.contents("member", "mine") == Texts{"b"});
}

TEST_CASE("the event of a turn is masked, the turn is not, and a deletion takes the content out of it", "[memory]") {
  Memory memory;
  const std::string content = "write to jane.roe@example.com, card 4111 1111 1111 1111";
  const Answer turn = memory.say("member", "s", content);
  REQUIRE(turn.status == 201);
  CHECK(turn.json["content"] == content);
  Json event = memory.newest_event();
  CHECK(event["event_type"] == "memory_turn_created");
  CHECK(event["asset_id"] == turn.json["turn_id"]);
  CHECK(event["surface"] == "memory");
  CHECK(event["pii_flags"] == Json({"email", "payment_card"}));
  CHECK(event["train_ok"] == false);
  CHECK(event["input"]["content"] == "write to [REDACTED:email], card [REDACTED:payment_card]");
  CHECK(memory.contents("member", "s") == Texts{content});
  REQUIRE(memory.erase("member", "s").status == 204);
  CHECK(memory.newest_event()["event_type"] == "memory_session_deleted");
  event = memory.world
              .call("GET", "/events/" + event["event_id"].get<std::string>(),
                    World::in(memory.tenant.admin, memory.tenant.id))
              .json;
  CHECK(event["input"] == Json::object());
  CHECK(event["train_ok"] == false);
}

TEST_CASE("a long session is deleted whole", "[memory]") {
  Memory memory;
  for (int i = 0; i < 205; ++i) REQUIRE(memory.say("member", "s", "x").status == 201);
  CHECK(memory.erase("member", "s").status == 204);
  REQUIRE(memory.say("member", "s", "y").status == 201);
  CHECK(memory.contents("member", "s") == Texts{"y"});
}

TEST_CASE("a bad field of a turn is named", "[memory]") {
  Memory memory;
  const Json good = {{"role", "user"}, {"content", "x"}};
  const auto with_field = [&](const char* name, const Json& value) {
    Json body = good;
    body[name] = value;
    return body;
  };
  const std::pair<Json, const char*> cases[] = {
      {{{"content", "x"}}, "/role"},
      {with_field("role", nullptr), "/role"},
      {with_field("role", "assistant"), "/role"},
      {with_field("role", 1), "/role"},
      {{{"role", "user"}}, "/content"},
      {with_field("content", ""), "/content"},
      {with_field("content", 5), "/content"},
      {with_field("content", std::string(65537, 'x')), "/content"},
      {with_field("metadata", Json::array()), "/metadata"},
      {with_field("metadata", {{"a", std::string(16384, 'x')}}), "/metadata"},
      {with_field("shared", "yes"), "/shared"},
      {with_field("session_id", 7), "/session_id"},
  };
  for (const auto& [body, pointer] : cases) {
    const Answer answer = memory.post("member", "s", body);
    CHECK(outcome(answer) + " " + pointers(answer) == std::string("422 validation.failed ") + pointer);
  }
  CHECK(outcome(memory.post("member", "s", with_field("session_id", "other"))) == "400 request.path_mismatch");
  CHECK(memory.post("member", "s", with_field("content", std::string(65536, 'x'))).status == 201);
  for (const char* id : {"..", "%2e%2e", "-a", "a%20b"}) {
    CHECK(outcome(memory.post("member", id, good)) == "404 session.not_found");
    CHECK(outcome(memory.get("member", id)) == "404 session.not_found");
  }
  CHECK(memory.post("member", std::string(128, 'a'), good).status == 201);
  CHECK(outcome(memory.post("member", std::string(129, 'a'), good)) == "404 session.not_found");
}

TEST_CASE("a neighbour's session is not there", "[memory]") {
  Memory mine, theirs;
  REQUIRE(theirs.share("owner", "s", "secret").status == 201);
  const Answer foreign = mine.get("owner", "s");
  CHECK(outcome(foreign) == "404 session.not_found");
  CHECK(comparable(foreign) == comparable(mine.get("owner", "t")));
  CHECK(outcome(mine.get("admin", "s", "?user_id=" + theirs.tenant.owner.id)) == "404 session.not_found");
  CHECK(outcome(mine.erase("owner", "s")) == "404 session.not_found");
  REQUIRE(mine.share("owner", "s", "mine").status == 201);
  CHECK(theirs.contents("viewer", "s") == Texts{"secret"});
}

}  // namespace nexus::test
