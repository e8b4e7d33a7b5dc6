// What the Nexus plane keeps survives a stop and a kill: every record reads as before, and a request that is repeated
// with its Idempotency-Key is answered as the first time, also by the next life of the daemon.
#include "tests/catch.hpp"
#include "tests/faults/load.hpp"
#include "tests/support/client.hpp"

using namespace nexus;
using namespace nexus::test;

namespace {

struct Post {
  std::string target;
  std::string body;
  std::string content_type = "application/json";
};

struct Made {
  Post post;
  Answer answer;
};

class Person {
 public:
  explicit Person(const DaemonProcess& daemon) : client_(daemon.address()), token_(daemon.token()) {}

  Answer call(const std::string& method, const std::string& target, Headers more = {}, const std::string& body = {}) {
    more.insert(more.end(), {{"Authorization", "Bearer " + token_}, {"X-Tenant-Id", "t_dev"}, {"X-Env", "dev"}});
    return client_.request(method, target, more, body);
  }
  /// The same again is the same request: its key is made of it.
  Answer send(const Post& post) {
    return call("POST", post.target,
                {{"Content-Type", post.content_type},
                 {"Idempotency-Key", std::to_string(std::hash<std::string>{}(post.target + post.body))}},
                post.body);
  }

 private:
  Client client_;
  std::string token_;
};

std::vector<Post> all_posts() {
  const auto turn = [](const char* session, const Json& body) {
    return Post{std::string("/nexus/memory/session/") + session + "/turn", body.dump()};
  };
  return {
      {"/nexus/cards", "card_type: note\ntitle: Tea\n---\nGreen tea, and black.\n", "text/markdown"},
      {"/nexus/cards", "card_type: note\n---\nA kettle of tea.\n", "text/plain"},
      {"/nexus/influence-pack", Json{{"query", {{"query_text", "tea"}}}}.dump()},
      turn("mine", {{"role", "user"}, {"content", "What is tea?"}}),
      turn("mine", {{"role", "agent"}, {"content", "Leaves."}, {"metadata", {{"model", "m"}}}}),
      turn("ours", {{"role", "user"}, {"content", "Hello, all"}, {"shared", true}}),
      {"/maybes/items", Json{{"title", "A tea shop"}, {"body", "Near the station"}, {"tags", {"idea"}}}.dump()},
      {"/maybes/items", Json{{"title", "Another"}, {"archived", true}, {"space", "shop"}}.dump()},
      {"/nexus/runs", Json{{"kind", "research"}, {"metadata", {{"topic", "tea"}}}}.dump()},
      {"/analytics/events/pageview", Json{{"surface", "site"}, {"path", "/"}}.dump()},
  };
}

/// Everything that can be read of the plane, as one text.
std::string read_all(Person& person, const std::vector<Made>& made) {
  std::string out;
  std::vector<std::string> targets = {"/nexus/cards",
                                      "/nexus/settings/surface?history=true",
                                      "/nexus/settings/apps/desk?history=true",
                                      "/nexus/memory/session/mine",
                                      "/nexus/memory/session/ours",
                                      "/maybes/items",
                                      "/maybes/items?archived=true",
                                      "/maybes/items?search_text=STATION",
                                      "/nexus/runs",
                                      "/events?event_type=analytics_pageview",
                                      "/events?event_type=memory_turn_created"};
  for (const Made& each : made)
    if (const std::string location = each.answer.header("location"); !location.empty())
      targets.push_back(location.substr(location.find('/', location.find("://") + 3)));
  for (const auto& target : targets) {
    const Answer answer = person.call("GET", target);
    INFO(target);
    CHECK(answer.status == 200);
    out += target + "\n" + answer.body + "\n";
  }
  const Answer found = person.call("POST", "/nexus/search", {}, R"({"query_text":"tea"})");
  CHECK(found.json.at("items").size() == 2);  // in the same order, with the same scores
  return out + found.body;
}

void put_settings(Person& person, const std::string& target, const std::string& text) {
  REQUIRE(person.call("PUT", target, {{"Content-Type", "text/plain"}}, text).status / 100 == 2);
}

template <class End>
void survive(End end) {
  const TemporaryDirectory directory;
  const auto data = directory.path() / "data";
  std::vector<Made> made;
  std::string before;
  {
    DaemonProcess daemon(loaded(data));
    Person person(daemon);
    for (const Post& post : all_posts()) {
      made.push_back({post, person.send(post)});
      INFO(post.target << " " << made.back().answer.body);
      REQUIRE(made.back().answer.status / 100 == 2);
    }
    put_settings(person, "/nexus/settings/surface", "card_type: surface_settings\n---\n");
    put_settings(person, "/nexus/settings/apps/desk", "card_type: app_definition\nname: desk\n---\none\n");
    put_settings(person, "/nexus/settings/apps/desk", "card_type: app_definition\nname: desk\n---\ntwo\n");
    before = read_all(person, made);
    end(daemon);
  }
  DaemonProcess daemon(loaded(data));
  Person person(daemon);
  CHECK(read_all(person, made) == before);
  for (const auto& [post, first] : made) {
    INFO(post.target);
    const Answer again = person.send(post);
    CHECK(again.header("idempotency-replayed") == "true");
    CHECK(again.status == first.status);
    CHECK(again.body == first.body);
    CHECK(again.header("nexus-audit-hash") == first.header("nexus-audit-hash"));
  }
  CHECK(read_all(person, made) == before);
  REQUIRE(daemon.stop() == 0);
  CHECK(verify(data) == std::vector<std::string>{});
}

}  // namespace

TEST_CASE("what the plane keeps survives a restart, and repeated requests are answered as before") {
  survive([](DaemonProcess& daemon) { REQUIRE(daemon.stop() == 0); });
}

TEST_CASE("what the plane keeps survives a kill, and repeated requests are answered as before") {
  survive([](DaemonProcess& daemon) { daemon.kill(); });
}
