// Cards and settings: texts that come back byte for byte, versions that stay, and who may write them.
#include "tests/api/expect.hpp"
#include "tests/api/raw_storage_support.hpp"
#include "tests/api/world.hpp"
#include "tests/catch.hpp"

namespace nexus::test {
namespace {

struct Cards {
  World& world = shared_world();
  Tenant tenant = world.new_tenant_with_members();

  Headers headers(const std::string& role, const Headers& more = {}) const {
    return with(with(World::in(tenant.at(role), tenant.id), {{"Content-Type", "text/markdown"}}), more);
  }
  Answer create(const std::string& text, const std::string& role = "member") {
    return world.call("POST", "/nexus/cards", headers(role), text);
  }
  Answer put(const std::string& document, const std::string& text, const Headers& more = {}) {
    return world.call("PUT", "/nexus/settings/" + document, headers("admin", more), text);
  }
  Answer get(const std::string& target, const std::string& role = "viewer") {
    return world.call("GET", target, World::in(tenant.at(role), tenant.id));
  }
  Answer remove(const std::string& id, const std::string& role) {
    return world.call("DELETE", "/nexus/cards/" + id, World::in(tenant.at(role), tenant.id));
  }
};

std::string app(const std::string& name, const std::string& body) {
  return "card_type: app_definition\nname: " + name + "\n---\n" + body;
}

TEST_CASE("a card comes back byte for byte, with its header read and its body trimmed", "[cards]") {
  Cards cards;
  const std::string text =
      "---\r\ncard_type: note\r\ntitle: 'Ümlaut'\nversion: 3\nlist: [1, a]\n---\n\n  A body\n---\n more \n\n";
  const Answer made = cards.create(text);
  REQUIRE(made.status == 201);
  CHECK(made.json["full_text"] == text);
  CHECK(made.json["body_text"] == "A body\n---\n more");
  CHECK(made.json["card_type"] == "note");
  CHECK(made.json["version"] == "3");
  CHECK(made.json["header"]["title"] == "Ümlaut");
  CHECK(made.json["header"]["list"] == parse_own_json(R"([1,"a"])"));
  CHECK(made.json["created_by"] == cards.tenant.member.id);
  const std::string id = made.json["card_id"];
  CHECK(target_of(made.header("location")) == "/nexus/cards/" + id);
  CHECK(cards.get("/nexus/cards/" + id).json == made.json);
  CHECK(cards.create("card_type: note\n---\n").json["version"] == "1");
}

TEST_CASE("a card of any size is answered as it is shown, and found by its last word", "[cards]") {
  Cards cards;
  for (const std::size_t kib : {1U, 40U, 63U, 65U, 200U, 255U}) {
    INFO(kib);
    std::string body = "\"begin\" ";
    while (body.size() < kib * 1024 - 100) body += "wörd\t";
    body += "last" + std::to_string(kib);
    const Answer made = cards.create("card_type: note\n---\n" + body);
    REQUIRE(made.status == 201);
    CHECK(made.header("content-type") == "application/json");
    CHECK(made.json["body_text"] == body);
    CHECK(cards.get("/nexus/cards/" + made.json["card_id"].get<std::string>()).body == made.body);
    const Json query = {{"query_text", "last" + std::to_string(kib)}};
    const Headers viewer = World::in(cards.tenant.at("viewer"), cards.tenant.id);
    const Json found = cards.world.call("POST", "/nexus/search", viewer, query).json;
    CHECK(found["items"].size() == 1);
    for (const int version : {1, 2}) {
      const std::string name = "size" + std::to_string(kib);
      const Answer put = cards.put("apps/" + name, app(name, body));
      CHECK(put.json["version"] == std::to_string(version));
      CHECK(put.json["body_text"] == body);
      CHECK(put.json == cards.get("/nexus/settings/apps/" + name).json["items"][0]);
    }
  }
}

TEST_CASE("a large body is refused as a small one is", "[cards]") {
  Cards cards;
  const std::string large(100 << 10, 'x');
  CHECK(outcome(cards.create(large)) == "422 validation.failed");
  CHECK(outcome(cards.create("card_type: note\n---\n" + large + "\xFF")) == "400 request.malformed");
  const Headers member = World::in(cards.tenant.at("member"), cards.tenant.id);
  const Headers json = with(member, {{"Content-Type", "application/json"}});
  const auto post = [&](const std::string& target, const std::string& body) {
    return outcome(cards.world.call("POST", target, json, body));
  };
  CHECK(post("/maybes/items", "{\"title\":\"" + large) == "400 request.invalid_json");
  CHECK(post("/nexus/search", "{\"query_text\":\"" + large + "\"}") == "422 validation.failed");
}

TEST_CASE("cards are listed by type, newest first, and no other tenant's or env's", "[cards]") {
  Cards cards, neighbours;
  std::vector<std::string> ids;
  for (const char* type : {"note", "task", "note", "note"})
    ids.push_back(cards.create(std::string("card_type: ") + type + "\n---\n").json["card_id"]);
  const Answer notes = cards.get("/nexus/cards?card_type=note&limit=2");
  REQUIRE(notes.json["items"].size() == 2);
  CHECK(notes.json["items"][0]["card_id"] == ids[3]);
  CHECK(notes.json["items"][1]["card_id"] == ids[2]);
  const std::string cursor = notes.json["next_cursor"];
  CHECK(cards.get("/nexus/cards?card_type=note&cursor=" + cursor).json["items"][0]["card_id"] == ids[0]);
  CHECK(outcome(cards.get("/nexus/cards?card_type=task&cursor=" + cursor)) == "400 request.invalid_cursor");
  CHECK(cards.get("/nexus/cards").json["items"].size() == 4);
  CHECK(neighbours.get("/nexus/cards").json["items"].empty());
  CHECK(outcome(neighbours.get("/nexus/cards/" + ids[0])) == "404 card.not_found");
  const Headers staging = World::in(cards.tenant.viewer, cards.tenant.id, "staging");
  CHECK(outcome(cards.world.call("GET", "/nexus/cards/" + ids[0], staging)) == "404 card.not_found");
}

TEST_CASE("a card is deleted by its creator or an admin, and leaves nothing to read", "[cards]") {
  Cards cards;
  const std::string own = cards.create("card_type: note\n---\nmine\n").json["card_id"];
  const std::string foreign = cards.create("card_type: note\n---\ntheirs\n", "owner").json["card_id"];
  CHECK(outcome(cards.remove(foreign, "member")) == "403 auth.insufficient_role");
  CHECK(cards.remove(own, "member").status == 204);
  CHECK(cards.remove(foreign, "admin").status == 204);
  CHECK(outcome(cards.remove(own, "admin")) == "404 card.not_found");
  CHECK(outcome(cards.get("/nexus/cards/" + own)) == "404 card.not_found");
  CHECK(cards.get("/nexus/cards").json["items"].empty());
}

TEST_CASE("what is wrong with a card is named, and the types of settings are refused", "[cards]") {
  Cards cards;
  const Answer doubled = cards.create("card_type: note\na: 1\na: 2\n---\n");
  CHECK(outcome(doubled) + " " + pointers(doubled) == "422 validation.failed /header");
  CHECK(doubled.json["errors"][0]["detail"] == "line 3, column 1: the same key stands there twice");
  CHECK(pointers(cards.create("title: x\n---\n")) == "/header/card_type");
  const Answer number = cards.create("---\ncard_type: note\nprice: 1.10\n---\n");
  CHECK(outcome(number) + " " + pointers(number) == "422 validation.failed /header/price");
  CHECK(std::string(number.json["detail"]).find("line 3, column 8: /price a number") != std::string::npos);
  CHECK(outcome(cards.create("no separator")) == "422 validation.failed");
  for (const char* type : {"surface_settings", "app_definition", "connector_config"})
    CHECK(outcome(cards.create(std::string("card_type: ") + type + "\nname: x\n---\n")) == "422 card.reserved_type");
  const std::string head = "card_type: note\n---\n";
  CHECK(cards.create(head + std::string(256 * 1024 - head.size(), 'x')).status == 201);
  CHECK(outcome(cards.create(head + std::string(256 * 1024 - head.size() + 1, 'x'))) == "413 request.too_large");
}

TEST_CASE("personal data in a card is flagged in its event, which does not hold the text", "[cards]") {
  Cards cards;
  cards.create("card_type: note\n---\nWrite to ann@example.org\n");
  const Json event = cards.get("/events?limit=1", "admin").json["items"][0];
  CHECK(event["event_type"] == "card_created");
  CHECK(event["pii_flags"] == Json::array({"email"}));
  CHECK(event["train_ok"] == false);
  CHECK(event.dump().find("ann@") == std::string::npos);
}

TEST_CASE("a put makes the next version, the newest is in force, and older ones stay readable", "[settings]") {
  Cards cards;
  CHECK(cards.get("/nexus/settings/apps/desk").json["items"].empty());
  const Answer first = cards.put("apps/desk", app("desk", "one"));
  REQUIRE(first.status == 201);
  CHECK(first.json["version"] == "1");
  const Answer second = cards.put("apps/desk", app("desk", "two"));
  REQUIRE(second.status == 200);
  CHECK(second.json["version"] == "2");
  const Answer now = cards.get("/nexus/settings/apps/desk");
  REQUIRE(now.json["items"].size() == 1);
  CHECK(now.json["items"][0] == second.json);
  CHECK(now.header("etag") == second.header("etag"));
  const Answer history = cards.get("/nexus/settings/apps/desk?history=true&limit=1");
  CHECK(history.json["items"][0] == second.json);
  const std::string cursor = history.json["next_cursor"];
  CHECK(cards.get("/nexus/settings/apps/desk?history=true&cursor=" + cursor).json["items"] ==
        Json::array({first.json}));
  CHECK(cards.get("/nexus/cards/" + first.json["card_id"].get<std::string>()).json == first.json);
  CHECK(outcome(cards.remove(first.json["card_id"], "owner")) == "422 card.reserved_type");
}

TEST_CASE("apps and connectors are listed by name, each once, and the surface is one", "[settings]") {
  Cards cards;
  for (const char* name : {"b", "a", "c", "a"})
    REQUIRE(cards.put(std::string("apps/") + name, app(name, "x")).status < 300);
  REQUIRE(cards.put("connectors/mail", "card_type: connector_config\nname: mail\n---\n").status == 201);
  const Json apps = cards.get("/nexus/settings/apps").json["items"];
  REQUIRE(apps.size() == 3);
  CHECK(apps[0]["header"]["name"] == "a");
  CHECK(apps[0]["version"] == "2");
  CHECK(apps[2]["header"]["name"] == "c");
  CHECK(cards.get("/nexus/settings/connectors").json["items"].size() == 1);
  CHECK(cards.put("surface", "card_type: surface_settings\ntheme: dark\n---\n").status == 201);
  CHECK(cards.put("surface", "card_type: surface_settings\ntheme: light\n---\n").status == 200);
  const Json surface = cards.get("/nexus/settings/surface").json["items"];
  REQUIRE(surface.size() == 1);
  CHECK(surface[0]["header"]["theme"] == "light");
}

TEST_CASE("the header of a setting fits its path, and who writes over another's version is told", "[settings]") {
  Cards cards;
  CHECK(pointers(cards.put("apps/desk", app("other", "x"))) == "/header/name");
  CHECK(pointers(cards.put("apps/desk", "card_type: note\n---\n")) == "/header/card_type /header/name");
  for (const char* line : {"floor=10", "max_upload 5", "max_upload:5"}) {
    const Answer refused =
        cards.put("apps/desk", "card_type: app_definition\nname: desk\n" + std::string(line) + "\n---\n");
    CHECK(outcome(refused) + " " + pointers(refused) == "422 validation.failed /header");
    CHECK(std::string(refused.json["errors"][0]["detail"]).starts_with("line 3, column 1: `key: value` was expected"));
  }
  CHECK(outcome(cards.put("apps/Desk", app("Desk", "x"))) == "404 route.not_found");
  CHECK(outcome(cards.put("apps/desk", app("desk", "x"), {{"If-Match", "*"}})) == "412 precondition.failed");
  const std::string tag = cards.put("apps/desk", app("desk", "x")).header("etag");
  const Answer second = cards.put("apps/desk", app("desk", "y"), {{"If-Match", tag}});
  CHECK(second.status == 200);
  CHECK(outcome(cards.put("apps/desk", app("desk", "z"), {{"If-Match", tag}})) == "412 precondition.failed");
  CHECK(cards.get("/nexus/settings/apps/desk").json["items"][0] == second.json);
}

TEST_CASE("a reader of settings leaves an event, with no name in it that no document can have", "[settings]") {
  Cards cards;
  CHECK(outcome(cards.get("/nexus/settings/apps/ann@example.org")) == "404 route.not_found");
  cards.get("/nexus/settings/surface");
  CHECK(eventually([&] {
    const Json events = cards.get("/events?event_type=settings_read", "admin").json["items"];
    return events.size() == 1 && events[0]["actor_id"] == cards.tenant.viewer.id;
  }));
}

}  // namespace
}  // namespace nexus::test
