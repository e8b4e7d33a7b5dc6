// Search through the public surface: what is found, that every query is literal, and that no neighbour is in it.
#include <array>
#include <map>

#include "tests/api/raw_storage_support.hpp"
#include "tests/api/search_support.hpp"
#include "tests/catch.hpp"

namespace nexus::test {
namespace {

/// Full-text syntax, SQL, and the inner form of our own terms: each is literal text or is refused, and finds nobody
/// else's card.
const std::vector<std::string> kHostile = {
    "tenant_id:t_other",
    "tenant_id : t_other",
    "env:prod secret",
    "{tenant_id env} : secret",
    "secret AND tenant_id",
    "secret OR 1=1",
    "NOT secret",
    "secret NOT mine",
    "NEAR(secret mine, 10)",
    "secret NEAR/3 mine",
    "-secret",
    "^secret",
    "+secret",
    "terms:secret",
    "terms : ^secret",
    "- terms : secret",
    "card_index MATCH secret",
    "secret*",
    "s*",
    "*",
    "**",
    "\"secret",
    "\"\"\"",
    "\"secret\" \"",
    "\" OR \"",
    "\" OR 1w*",
    "') OR ('1'='1",
    "'; DROP TABLE cards; --",
    "secret\" OR card_index MATCH \"1wsecret",
    "1wsecret",
    "2wsecret",
    "1w*",
    "2w* 3w* 4w*",
    "1tnote",
    "1t6e6f7465",
    "rank MATCH 'bm25()'",
    "optimize",
    "(((((((((secret",
    ")))",
    "secret || secret",
    "$1 ?1 :a @b %s",
    "\\\"secret\\\"",
    "sécrët SECRET",
    "\u202Esecret",
};

TEST_CASE("a card is found by what it says, with a score, its type and a marked snippet", "[search]") {
  Cards cards;
  const std::string plan = cards.card("The launch plan,\nin red.", "decision", "title: Élan 2026\n");
  const std::string other = cards.card("Nothing of it.");
  const Answer answer = cards.search({{"query_text", "PLAN elan"}});
  REQUIRE(answer.status == 200);
  REQUIRE(answer.json.at("items").size() == 1);
  const Json& item = answer.json["items"][0];
  CHECK(item["id"] == plan);
  CHECK(item["score"].get<double>() > 0);
  CHECK(item["metadata"]["card_type"] == "decision");
  CHECK(item["metadata"]["header"]["title"] == "Élan 2026");
  CHECK(item["snippet"] == "The launch **plan**, in red.");
  CHECK(cards.found("\"launch plan\"") == Ids{plan});
  CHECK(cards.found("\"plan launch\"").empty());
  CHECK(cards.found("lau*") == Ids{plan});
  CHECK(cards.found("nothing") == Ids{other});
  CHECK(cards.found("title").empty());  // a header's names are not its words
  CHECK_FALSE(answer.has("nexus-audit-seq"));
}

TEST_CASE("the better card comes first, and top_k, type and an empty query narrow", "[search]") {
  Cards cards;
  const std::string once = cards.card("launch and much else that nobody asked for in so many words");
  const std::string twice = cards.card("launch, launch!", "memo");
  const std::string third = cards.card("quiet");
  CHECK(cards.found("launch") == Ids{twice, once});
  CHECK(cards.ids({{"query_text", "launch"}, {"top_k", 1}}) == Ids{twice});
  CHECK(cards.ids({{"query_text", "launch"}, {"filters", {{"card_type", "note"}}}}) == Ids{once});
  CHECK(cards.found("") == Ids{third, twice, once});
  CHECK(cards.ids({{"query_text", " \n"}, {"filters", {{"card_type", "memo"}}}}) == Ids{twice});
  CHECK(cards.found("launch quiet") == Ids{third, twice, once});  // none has both: those with any
  CHECK(cards.found("!!!").empty());
}

TEST_CASE("what people type finds a card as it was written", "[search]") {
  Cards cards;
  const std::string city = cards.card("Łódź i smørrebrød 🚀"), plus = cards.card("We write C++ here"),
                    plain = cards.card("We write C here"), seoul = cards.card("서울에서 만나요"),
                    net = cards.card("On .NET, in full Ｗｉｄｔｈ");
  for (const char* text : {"lodz", "Łódź", "SMORREBROD", "🚀"}) CHECK(cards.found(text) == Ids{city});
  CHECK(cards.found("C++") == Ids{plus});
  CHECK(cards.found("C") == Ids{plain, plus});
  CHECK(cards.found("서울") == Ids{seoul});
  CHECK(cards.found("\"서울\"").empty());
  for (const char* text : {".net", "NET", "width"}) CHECK(cards.found(text) == Ids{net});
  CHECK(cards.search({{"query_text", "c++"}}).json["items"][0]["snippet"] == "We write **C++** here");
}

TEST_CASE("a prefix of very many words stands for the first of the alphabet; an exact word finds all of its cards",
          "[search]") {
  Cards cards;
  std::string words;
  for (int i = 0; i < 1100; ++i) words += "w" + std::to_string(10'000 + i) + " ";
  const std::string many = cards.card(words), last = cards.card("wzebra");
  CHECK(cards.found("w*") == Ids{many});
  CHECK(cards.found("w1*") == Ids{many});
  CHECK(cards.found("wz*") == Ids{last});
  CHECK(cards.found("wzebra") == Ids{last});
  CHECK(cards.found("w11099") == Ids{many});
  CHECK(cards.found("w11099*") == Ids{many});
}

TEST_CASE("a deleted card vanishes from search", "[search]") {
  Cards cards;
  const std::string kept = cards.card("launch"), gone = cards.card("launch");
  REQUIRE(cards.world.call("DELETE", "/nexus/cards/" + gone, cards.as("admin")).status == 204);
  CHECK(cards.found("launch") == Ids{kept});
  CHECK(cards.found("") == Ids{kept});
}

TEST_CASE("no query reaches another tenant or env", "[search]") {
  World& world = lenient_world();
  Cards theirs{world}, mine{world};
  for (const char* env : {"dev", "staging"}) {
    theirs.card("secret t_other note 1wsecret prod", "note", {}, env);
    mine.card("secret elsewhere", "note", {}, "staging");
  }
  const std::string own = mine.card("mine");
  for (const std::string& text : kHostile) {
    INFO(text);
    const Answer answer = mine.search({{"query_text", text}});
    CHECK((answer.status == 200 || answer.status == 400));
    if (answer.status == 200)
      for (const auto& item : answer.json.at("items")) CHECK(item.at("id") == own);
  }
  CHECK(mine.found("secret").empty());
  CHECK(mine.found("mine") == Ids{own});
}

TEST_CASE("scores are, to the last bit, those of a daemon that holds this tenant alone", "[search]") {
  World lonely;
  Cards alone{lonely}, among{shared_world()};
  std::vector<Cards> neighbours(3, Cards{shared_world()});
  for (auto& neighbour : neighbours) neighbour.tenant = shared_world().new_tenant_with_members();
  std::map<std::string, int> place_alone, place_among;
  for (int i = 0; i < 12; ++i) {
    std::string body = "launch";
    for (int k = 0; k <= i % 5; ++k) body += k % 2 == 0 ? " plan" : " secret word";
    place_alone[alone.card(body)] = i;
    place_among[among.card(body)] = i;
    for (const auto& neighbour : neighbours) neighbour.card(body + " secret secret launch plan and many more words");
  }
  for (std::string text : kHostile) {
    INFO(text);
    for (const Json& query : {Json{{"query_text", text}}, Json{{"query_text", text + " launch"}}}) {
      const Answer left = alone.search(query), right = among.search(query);
      REQUIRE(left.status == right.status);
      if (left.status != 200) continue;
      REQUIRE(left.json["items"].size() == right.json["items"].size());
      for (std::size_t i = 0; i < left.json["items"].size(); ++i) {
        const Json &a = left.json["items"][i], &b = right.json["items"][i];
        CHECK(a["score"].get<double>() == b["score"].get<double>());
        CHECK(place_alone.at(a["id"]) == place_among.at(b["id"]));
      }
    }
  }
}

TEST_CASE("a bad field of a search is named", "[search]") {
  Cards cards;
  std::string many;
  for (int i = 0; i < 33; ++i) many += "w" + std::to_string(i) + " ";
  const std::vector<std::array<std::string, 3>> cases = {
      {R"({})", "validation.failed", "/query_text"},
      {R"({"query_text":7})", "validation.failed", "/query_text"},
      {R"({"query_text":")" + std::string(2049, 'x') + "\"}", "validation.failed", "/query_text"},
      {R"({"query_text":")" + many + "\"}", "validation.failed", "/query_text"},
      {R"({"query_text":"x","top_k":0})", "validation.failed", "/top_k"},
      {R"({"query_text":"x","top_k":101})", "validation.failed", "/top_k"},
      {R"({"query_text":"x","filters":[]})", "validation.failed", "/filters"},
      {R"({"query_text":"x","filters":{"card_type":"No"}})", "validation.failed", "/filters/card_type"},
      {R"({"query_text":"x","filters":{"type":"no"}})", "validation.unknown_field", "/filters/type"},
      {R"({"query_text":"x","limit":3})", "validation.unknown_field", "/limit"},
  };
  for (const auto& [body, code, pointer] : cases) {
    INFO(body.substr(0, 80));
    const Answer answer = cards.world.call("POST", "/nexus/search",
                                           with(cards.as("viewer"), {{"Content-Type", "application/json"}}), body);
    CHECK(outcome(answer) == "422 " + code);
    CHECK(pointers(answer) == pointer);
  }
  many.erase(many.rfind('w'));
  CHECK(cards.search({{"query_text", many}}).status == 200);
  CHECK(cards.search({{"query_text", std::string(2048, 'x')}, {"top_k", 100}}).status == 200);
}

TEST_CASE("a search leaves an event, masked, and no audit row", "[search]") {
  Cards cards;
  const std::string id = cards.card("launch");
  REQUIRE(cards.search({{"query_text", "launch ann@example.com"}, {"top_k", 3}}).status == 200);
  Json events;
  REQUIRE(eventually([&] {
    events = cards.world.call("GET", "/events?event_type=card_search", cards.as("admin")).json["items"];
    return !events.empty();
  }));
  REQUIRE(events.size() == 1);
  const Json& event = events[0];
  CHECK(event["surface"] == "search");
  CHECK(event["actor_id"] == cards.tenant.viewer.id);
  CHECK(event["input"]["query_text"] == "launch [REDACTED:email]");
  CHECK(event["input"]["top_k"] == 3);
  CHECK(event["output"]["result_count"] == 1);
  CHECK(event["pii_flags"] == Json::array({"email"}));
  CHECK(event["train_ok"] == false);
}

}  // namespace
}  // namespace nexus::test
