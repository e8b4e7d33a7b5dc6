// Maybes: one's own items, what changes them, how they are found, and to whom they are absent.
#include "tests/api/expect.hpp"
#include "tests/api/world.hpp"
#include "tests/catch.hpp"

namespace nexus::test {

Codes maybe_codes() { return {{"maybe.not_found", 404}}; }

namespace {

struct Maybes {
  World& world = shared_world();
  Tenant tenant = world.new_tenant_with_members();

  Answer call(const std::string& method, const std::string& role, const std::string& rest, const Json& body) {
    return world.call(method, "/maybes/items" + rest, World::in(tenant.at(role), tenant.id), body);
  }
  Answer keep(const std::string& role, const Json& body) { return call("POST", role, "", body); }
  Answer change(const std::string& role, const std::string& id, const Json& body) {
    return call("PATCH", role, "/" + id, body);
  }
  Answer get(const std::string& role, const std::string& rest, const std::string& env = "dev") {
    return world.call("GET", "/maybes/items" + rest, World::in(tenant.at(role), tenant.id, env));
  }
  Answer erase(const std::string& role, const std::string& id) {
    return world.call("DELETE", "/maybes/items/" + id, World::in(tenant.at(role), tenant.id));
  }
  std::vector<std::string> titles(const std::string& query = "", const std::string& role = "member") {
    std::vector<std::string> out;
    const Answer answer = get(role, query);
    REQUIRE(answer.status == 200);
    for (const auto& item : answer.json.at("items")) out.push_back(item.at("title"));
    return out;
  }
  Json newest_event() {
    return world.call("GET", "/events?limit=1", World::in(tenant.admin, tenant.id)).json.at("items").at(0);
  }
};

using Texts = std::vector<std::string>;

std::string id_of(const Answer& made) { return made.json.at("item_id"); }

}  // namespace

TEST_CASE("an item is kept as it was sent, with what was left out filled in", "[maybe]") {
  Maybes maybes;
  const Answer bare = maybes.keep("member", {{"title", "A tea shop"}});
  REQUIRE(bare.status == 201);
  CHECK(bare.json["body"] == "");
  CHECK(bare.json["tags"] == Json::array());
  CHECK(bare.json["space"].is_null());
  CHECK(bare.json["pinned"] == false);
  CHECK(bare.json["archived"] == false);
  CHECK(bare.json["source_type"] == "manual");
  CHECK(bare.json["source_ref"].is_null());
  CHECK(bare.json["created_by"] == maybes.tenant.member.id);
  CHECK(bare.json["tenant_id"] == maybes.tenant.id);
  CHECK(bare.json["env"] == "dev");
  CHECK(bare.header("location").ends_with("/maybes/items/" + id_of(bare)));
  const Json whole = {{"title", "Straße"},     {"body", "with jane@example.com"},
                      {"tags", {"b", "a"}},    {"space", "shop"},
                      {"pinned", true},        {"archived", false},
                      {"source_type", "chat"}, {"source_ref", "thread-7"}};
  const Answer made = maybes.keep("member", whole);
  REQUIRE(made.status == 201);
  for (const auto& [name, value] : whole.items()) CHECK(made.json[name] == value);
  CHECK(maybes.get("member", "/" + id_of(made)).json == made.json);
  CHECK(maybes.titles() == Texts{"Straße", "A tea shop"});
}

TEST_CASE("a change touches the fields sent and no other, and null takes away what may be missing", "[maybe]") {
  Maybes maybes;
  const Answer made =
      maybes.keep("member", {{"title", "old"}, {"body", "text"}, {"tags", {"a"}}, {"space", "s"}, {"source_ref", "r"}});
  const std::string id = id_of(made);
  const Answer changed = maybes.change("member", id, {{"title", "new"}, {"space", nullptr}, {"pinned", true}});
  REQUIRE(changed.status == 200);
  CHECK(changed.has("nexus-audit-seq"));
  CHECK(changed.json["title"] == "new");
  CHECK(changed.json["space"].is_null());
  CHECK(changed.json["pinned"] == true);
  CHECK(changed.json["body"] == "text");
  CHECK(changed.json["tags"] == Json({"a"}));
  CHECK(changed.json["source_ref"] == "r");
  CHECK(changed.json["created_at"] == made.json["created_at"]);
  CHECK(changed.json["updated_at"] >= made.json["updated_at"]);
  CHECK(changed.json["updated_by"] == maybes.tenant.member.id);
  CHECK(maybes.get("member", "/" + id).json == changed.json);
  CHECK(maybes.titles("?search_text=old").empty());
  CHECK(maybes.titles("?search_text=NEW") == Texts{"new"});
  const Answer nothing = maybes.change("member", id, Json::object());
  CHECK(outcome(nothing) + pointers(nothing) == "422 validation.failed/title");
}

TEST_CASE("an item is found by what its title and its body are now, whichever was changed", "[maybe]") {
  Maybes maybes;
  const std::string id = id_of(maybes.keep("member", {{"title", "One\nGRÖSSE"}, {"body", "First\nline"}}));
  const auto found = [&](const std::string& text) { return !maybes.titles("?search_text=" + text).empty(); };
  CHECK((found("gr%C3%B6sse%0Afirst%0Aline") && !found("second")));
  REQUIRE(maybes.change("member", id, {{"body", "SECOND\n\nlast"}}).status == 200);
  CHECK((found("one%0Agr%C3%B6sse%0Asecond%0A%0Alast") && !found("first")));
  REQUIRE(maybes.change("member", id, {{"title", "Straße"}}).status == 200);
  CHECK((found("STRASSE%0Asecond%0A%0Alast") && !found("one")));
  REQUIRE(maybes.change("member", id, {{"title", "a\nb\nc"}, {"body", ""}}).status == 200);
  CHECK((found("a%0Ab%0Ac%0A") && !found("second")));
  REQUIRE(maybes.change("member", id, {{"pinned", true}}).status == 200);
  CHECK(found("a%0Ab%0Ac%0A"));
  REQUIRE(maybes.change("member", id, {{"body", "End"}}).status == 200);
  CHECK(found("a%0Ab%0Ac%0Aend"));
}

TEST_CASE("items are found by tag, text, space, pin and archive", "[maybe]") {
  Maybes maybes;
  maybes.keep("member", {{"title", "Green TEA"}, {"tags", {"drink", "hot"}}, {"space", "kitchen"}});
  maybes.keep("member", {{"title", "Ice"}, {"body", "with tea, 100% _pure_"}, {"tags", {"cold"}}, {"pinned", true}});
  maybes.keep("member", {{"title", "Straße in Köln"}, {"archived", true}});
  maybes.keep("member", {{"title", "Last"}, {"space", "kitchen"}});
  CHECK(maybes.titles() == Texts{"Last", "Ice", "Green TEA"});
  CHECK(maybes.titles("?tags_any=hot,cold") == Texts{"Ice", "Green TEA"});
  CHECK(maybes.titles("?tags_any=ho").empty());
  CHECK(maybes.titles("?search_text=tea") == Texts{"Ice", "Green TEA"});
  CHECK(maybes.titles("?search_text=100%25%20_p") == Texts{"Ice"});
  CHECK(maybes.titles("?search_text=%25").size() == 1);  // no wildcard
  CHECK(maybes.titles("?search_text=_pure") == Texts{"Ice"});
  CHECK(maybes.titles("?search_text=tea%20with").empty());
  CHECK(maybes.titles("?space=kitchen") == Texts{"Last", "Green TEA"});
  CHECK(maybes.titles("?pinned_only=true") == Texts{"Ice"});
  CHECK(maybes.titles("?pinned_only=false").size() == 3);
  CHECK(maybes.titles("?archived=true") == Texts{"Straße in Köln"});
  CHECK(maybes.titles("?archived=true&search_text=STRASSE") == Texts{"Straße in Köln"});
  CHECK(maybes.titles("?archived=true&search_text=K%C3%96LN") == Texts{"Straße in Köln"});   // capital, composed
  CHECK(maybes.titles("?archived=true&search_text=ko%CC%88ln") == Texts{"Straße in Köln"});  // decomposed
  CHECK(maybes.titles("?archived=true&search_text=koln") == Texts{"Straße in Köln"});        // as it is typed
  CHECK(maybes.titles("?tags_any=hot&space=kitchen&search_text=green") == Texts{"Green TEA"});
  CHECK(maybes.titles("?tags_any=cold&space=kitchen").empty());
}

TEST_CASE("pages of items follow one another, under the same filter", "[maybe]") {
  Maybes maybes;
  for (int i = 0; i < 5; ++i)
    maybes.keep("member", {{"title", std::to_string(i)}, {"tags", Json::array({i % 2 == 0 ? "even" : "odd"})}});
  const Answer first = maybes.get("member", "?limit=2&tags_any=even");
  CHECK(first.json["items"].size() == 2);
  const std::string cursor = first.json["next_cursor"];
  CHECK(maybes.titles("?limit=2&tags_any=even&cursor=" + cursor) == Texts{"0"});
  CHECK(outcome(maybes.get("owner", "?cursor=" + cursor)) == "400 request.invalid_cursor");
  CHECK(outcome(maybes.get("member", "?cursor=x")) == "400 request.invalid_cursor");
}

TEST_CASE("an item is its creator's and the admins'; to everybody else it is absent", "[maybe]") {
  Maybes maybes;
  maybes.world.set_member(maybes.tenant.id, maybes.tenant.viewer.id, "member");
  const Answer made = maybes.keep("viewer", {{"title", "hers"}});
  const std::string id = id_of(made);
  const Answer absent = maybes.get("member", "/01a20636-66b1-7001-b8d7-953e256aa6b5");
  CHECK(outcome(absent) == "404 maybe.not_found");
  CHECK(comparable(maybes.get("member", "/" + id)) == comparable(absent));
  CHECK(outcome(maybes.change("member", id, {{"pinned", true}})) == "404 maybe.not_found");
  CHECK(outcome(maybes.erase("member", id)) == "404 maybe.not_found");
  CHECK(maybes.titles().empty());
  for (const char* role : {"admin", "owner"}) {
    CHECK(maybes.get(role, "/" + id).json["title"] == "hers");
    CHECK(maybes.titles("", role) == Texts{"hers"});
    CHECK(maybes.change(role, id, {{"pinned", true}}).json["updated_by"] == maybes.tenant.at(role).id);
  }
  CHECK(maybes.get("viewer", "/" + id).json["created_by"] == maybes.tenant.viewer.id);
  // Who is a viewer again still reads what was his.
  maybes.world.set_member(maybes.tenant.id, maybes.tenant.viewer.id, "viewer");
  CHECK(maybes.titles("", "viewer") == Texts{"hers"});
  CHECK(outcome(maybes.erase("viewer", id)) == "403 auth.insufficient_role");
  CHECK(maybes.erase("admin", id).status == 204);
  CHECK(outcome(maybes.get("viewer", "/" + id)) == "404 maybe.not_found");
}

TEST_CASE("a neighbour's item is not there, nor one of another env", "[maybe]") {
  Maybes mine, theirs;
  const std::string id = id_of(theirs.keep("owner", {{"title", "secret"}, {"tags", {"x"}}}));
  CHECK(outcome(mine.get("owner", "/" + id)) == "404 maybe.not_found");
  CHECK(outcome(mine.change("owner", id, {{"title", "mine"}})) == "404 maybe.not_found");
  CHECK(outcome(mine.erase("owner", id)) == "404 maybe.not_found");
  CHECK(mine.titles("?search_text=secret", "owner").empty());
  CHECK(mine.titles("?tags_any=x", "owner").empty());
  CHECK(outcome(theirs.get("owner", "/" + id, "staging")) == "404 maybe.not_found");
  CHECK(theirs.titles("", "owner") == Texts{"secret"});
  for (const char* odd : {"..", "%2e%2e", "%2F", "a%00b", "a'%20OR%201=1--"}) {
    INFO(odd);
    const int status = mine.get("owner", std::string("/") + odd).status;
    CHECK((status == 404 || status == 400));
  }
}

TEST_CASE("the event of an item is masked, the item is not, and a deletion takes the content out of it", "[maybe]") {
  Maybes maybes;
  const Answer made = maybes.keep("member", {{"title", "Call"}, {"body", "Jane, +1 415-555-0132"}});
  REQUIRE(made.json["body"] == "Jane, +1 415-555-0132");
  Json event = maybes.newest_event();
  CHECK(event["event_type"] == "maybe_created");
  CHECK(event["asset_id"] == id_of(made));
  CHECK(event["pii_flags"] == Json({"phone"}));
  CHECK(event["input"]["body"] == "Jane, [REDACTED:phone]");
  REQUIRE(maybes.change("member", id_of(made), {{"title", "to joe@example.com"}}).status == 200);
  CHECK(maybes.newest_event()["event_type"] == "maybe_updated");
  CHECK(maybes.newest_event()["input"] == Json{{"changed", {"title"}}});
  CHECK(maybes.newest_event()["pii_flags"] == Json({"email", "phone"}));  // of what the item says now
  REQUIRE(maybes.erase("member", id_of(made)).status == 204);
  CHECK(maybes.newest_event()["event_type"] == "maybe_deleted");
  event = maybes.world
              .call("GET", "/events/" + event["event_id"].get<std::string>(),
                    World::in(maybes.tenant.admin, maybes.tenant.id))
              .json;
  CHECK(event["input"] == Json::object());
}

TEST_CASE("a bad field of an item is named", "[maybe]") {
  Maybes maybes;
  const std::string id = id_of(maybes.keep("member", {{"title", "t"}}));
  const Json many = Json(std::vector<std::string>(33, "t"));
  const std::pair<Json, const char*> cases[] = {
      {{{"title", ""}}, "/title"},
      {{{"title", nullptr}}, "/title"},
      {{{"title", std::string(513, 'x')}}, "/title"},
      {{{"title", "t"}, {"body", 1}}, "/body"},
      {{{"title", "t"}, {"body", std::string(65537, 'x')}}, "/body"},
      {{{"title", "t"}, {"tags", "a"}}, "/tags"},
      {{{"title", "t"}, {"tags", {"a", "a"}}}, "/tags"},
      {{{"title", "t"}, {"tags", {"a,b"}}}, "/tags"},
      {{{"title", "t"}, {"tags", {""}}}, "/tags"},
      {{{"title", "t"}, {"tags", {std::string(65, 'x')}}}, "/tags"},
      {{{"title", "t"}, {"tags", many}}, "/tags"},
      {{{"title", "t"}, {"space", ""}}, "/space"},
      {{{"title", "t"}, {"pinned", 1}}, "/pinned"},
      {{{"title", "t"}, {"archived", "no"}}, "/archived"},
      {{{"title", "t"}, {"source_type", "two words"}}, "/source_type"},
      {{{"title", "t"}, {"source_type", nullptr}}, "/source_type"},
      {{{"title", "t"}, {"source_ref", std::string(1025, 'x')}}, "/source_ref"},
  };
  for (const auto& [body, pointer] : cases) {
    INFO(body.dump().substr(0, 80));
    const std::string wanted = std::string("422 validation.failed ") + pointer;
    const Answer made = maybes.keep("member", body);
    CHECK(outcome(made) + " " + pointers(made) == wanted);
    const Answer changed = maybes.change("member", id, body);
    CHECK(outcome(changed) + " " + pointers(changed) == wanted);
  }
  const Answer untitled = maybes.keep("member", {{"body", "x"}});
  CHECK(outcome(untitled) + pointers(untitled) == "422 validation.failed/title");
  CHECK(outcome(maybes.change("member", id, {{"item_id", "x"}})) == "422 validation.unknown_field");
  CHECK(maybes.keep("member", {{"title", std::string(512, 'x')}, {"body", std::string(65536, 'x')}}).status == 201);
  for (const char* query : {"?tags_any=", "?tags_any=a,,b", "?search_text=", "?pinned_only=1", "?archived=maybe",
                            "?space=", "?limit=0", "?limit=201"})
    CHECK(outcome(maybes.get("member", query)) == "422 validation.failed");
}

}  // namespace nexus::test
