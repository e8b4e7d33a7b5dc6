// Influence packs: what was found is kept, whoever asks for it later, in its tenant and env alone.
#include "tests/api/search_support.hpp"
#include "tests/catch.hpp"

namespace nexus::test {
namespace {

struct Packs : Cards {
  Answer create(const Json& body, const Headers& more = {}) const {
    return world.call("POST", "/nexus/influence-pack", with(as("member"), more), body);
  }
  Answer show(const std::string& pack_id, const std::string& role = "viewer", const std::string& env = "dev") const {
    return world.call("GET", "/nexus/influence-pack/" + pack_id, as(role, env));
  }
};

TEST_CASE("a pack keeps the query and what it found, in the order and with the scores of the search", "[packs]") {
  Packs packs;
  packs.card("launch and much else");
  const std::string best = packs.card("**launch** launch");
  const Json query = {{"query_text", "launch"}, {"filters", {{"card_type", "note"}}}, {"top_k", 5}};
  const Answer made = packs.create({{"query", query}});
  REQUIRE(made.status == 201);
  const Json hits = packs.search(query).json["items"];
  REQUIRE(made.json["card_refs"].size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(made.json["card_refs"][i]["card_id"] == hits[i]["id"]);
    CHECK(made.json["card_refs"][i]["score"] == hits[i]["score"]);
  }
  CHECK(made.json["card_refs"][0]["card_id"] == best);
  CHECK(made.json["card_refs"][0]["excerpt"] == "**launch** launch");
  CHECK(made.json["query"] == query);
  CHECK(made.json["metadata"] == Json{{"result_count", 2}});
  CHECK(made.json["tenant_id"] == packs.tenant.id);
  CHECK(made.json["created_by"] == packs.tenant.member.id);
  CHECK(made.has("nexus-audit-seq"));
  const std::string id = made.json["pack_id"];
  CHECK(made.header("location").ends_with("/nexus/influence-pack/" + id));
  CHECK(packs.show(id).json == made.json);
  // It stays as it was found, but for the excerpt of a card that is deleted.
  packs.card("launch launch launch");
  CHECK(packs.show(id).json == made.json);
  REQUIRE(packs.world.call("DELETE", "/nexus/cards/" + best, packs.as("admin")).status == 204);
  Json left = made.json;
  left["card_refs"][0]["excerpt"] = nullptr;
  CHECK(packs.show(id).json == left);
}

TEST_CASE("packs are listed newest first, page by page, without their cards", "[packs]") {
  Packs packs, neighbours;
  packs.card("launch");
  std::vector<Json> made;
  for (const char* text : {"launch", "plan", "tea"})
    made.insert(made.begin(), packs.create({{"query", {{"query_text", text}}}}).json);
  for (Json& pack : made) pack.erase("card_refs");
  const auto list = [&](const std::string& query, const Packs& whose) {
    return whose.world.call("GET", "/nexus/influence-pack" + query, whose.as("viewer"));
  };
  CHECK(list("", packs).json == Json{{"items", made}, {"next_cursor", nullptr}});
  const Answer page = list("?limit=2", packs);
  CHECK(page.json["items"] == Json{made[0], made[1]});
  const std::string cursor = page.json["next_cursor"];
  CHECK(list("?limit=2&cursor=" + cursor, packs).json["items"] == Json::array({made[2]}));
  CHECK(outcome(list("?cursor=" + cursor, neighbours)) == "400 request.invalid_cursor");
  CHECK(list("", neighbours).json["items"].empty());
}

TEST_CASE("a pack is deleted by its creator or an admin", "[packs]") {
  Packs packs{{lenient_world()}};
  packs.card("launch");
  const auto remove = [&](const std::string& id, const std::string& role, const std::string& env = "dev") {
    return packs.world.call("DELETE", "/nexus/influence-pack/" + id, packs.as(role, env));
  };
  const Json query = {{"query", {{"query_text", "launch"}}}};
  const std::string own = packs.create(query).json["pack_id"];
  const std::string foreign =
      packs.world.call("POST", "/nexus/influence-pack", packs.as("owner"), query).json["pack_id"];
  CHECK(outcome(remove(foreign, "member")) == "403 auth.insufficient_role");
  CHECK(outcome(remove(own, "viewer")) == "403 auth.insufficient_role");
  CHECK(outcome(remove(own, "admin", "staging")) == "404 pack.not_found");
  CHECK(remove(own, "member").status == 204);
  CHECK(remove(foreign, "admin").status == 204);
  CHECK(outcome(remove(own, "admin")) == "404 pack.not_found");
  CHECK(outcome(packs.show(own)) == "404 pack.not_found");
  CHECK(packs.world.call("GET", "/nexus/influence-pack", packs.as("viewer")).json["items"].empty());
}

TEST_CASE("a pack of nothing is a pack", "[packs]") {
  Packs packs;
  const Answer made = packs.create({{"query", {{"query_text", "absent"}}}});
  REQUIRE(made.status == 201);
  CHECK(made.json["card_refs"] == Json::array());
  CHECK(made.json["metadata"]["result_count"] == 0);
  CHECK(made.json["query"] == Json{{"query_text", "absent"}, {"filters", Json::object()}, {"top_k", 10}});
}

TEST_CASE("a pack of another tenant or env looks like one that never was", "[packs]") {
  Packs mine{{lenient_world()}}, theirs{{lenient_world()}};
  theirs.card("launch");
  const std::string id = theirs.create({{"query", {{"query_text", "launch"}}}}).json["pack_id"];
  CHECK(outcome(mine.show(id)) == "404 pack.not_found");
  CHECK(comparable(mine.show(id)) == comparable(mine.show("01933f9e-7c1b-7000-8000-0123456789ab")));
  CHECK(outcome(theirs.show(id, "viewer", "staging")) == "404 pack.not_found");
  CHECK(outcome(theirs.show("..")) == "404 pack.not_found");
  CHECK(theirs.show(id).status == 200);
  CHECK(mine.create({{"query", {{"query_text", "launch"}}}}).json["card_refs"].empty());
}

TEST_CASE("a bad field of a pack is named", "[packs]") {
  Packs packs;
  const std::pair<Json, const char*> cases[] = {
      {Json::object(), "422 validation.failed /query"},
      {{{"query", nullptr}}, "422 validation.failed /query"},
      {{{"query", "launch"}}, "422 validation.failed /query"},
      {{{"query", Json::object()}}, "422 validation.failed /query/query_text"},
      {{{"query", {{"query_text", "x"}, {"top_k", 0}}}}, "422 validation.failed /query/top_k"},
      {{{"query", {{"query_text", "x"}, {"k", 1}}}}, "422 validation.unknown_field /query/k"},
      {{{"query", {{"query_text", "x"}}}, {"title", "t"}}, "422 validation.unknown_field /title"},
  };
  for (const auto& [body, expected] : cases) {
    const Answer answer = packs.create(body);
    CHECK(outcome(answer) + " " + pointers(answer) == expected);
  }
}

TEST_CASE("a pack is made once per key, leaves one event, and is stopped like any change", "[packs]") {
  Packs packs;
  packs.card("launch");
  const Json body = {{"query", {{"query_text", "launch bob@example.com"}}}};
  const Answer made = packs.create(body, {{"Idempotency-Key", "once"}});
  REQUIRE(made.status == 201);
  const Answer again = packs.create(body, {{"Idempotency-Key", "once"}});
  CHECK(again.json == made.json);
  CHECK(again.header("idempotency-replayed") == "true");
  const Json events = packs.world.call("GET", "/events?event_type=pack_created", packs.as("admin")).json["items"];
  REQUIRE(events.size() == 1);
  CHECK(events[0]["asset_id"] == made.json["pack_id"]);
  CHECK(events[0]["surface"] == "packs");
  CHECK(events[0]["input"]["query_text"] == "launch [REDACTED:email]");
  CHECK(events[0]["output"]["result_count"] == 1);
  REQUIRE(packs.world.put_kill_switches(packs.tenant.admin, packs.tenant.id, {{"disabled_actions", {"pack_create"}}})
              .status == 200);
  CHECK(outcome(packs.create(body)) == "403 kill_switch_blocked");
}

}  // namespace
}  // namespace nexus::test
