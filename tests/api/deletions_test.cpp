// What was deleted is gone. One test makes a thing of every plane with texts that stand nowhere else, deletes it, and
// then looks for these texts everywhere: in every answer, every table, every object. A new plane adds its thing here.
#include <fstream>

#include "tests/api/media_support.hpp"
#include "tests/api/routes.hpp"
#include "tests/api/ws_support.hpp"
#include "tests/catch.hpp"
#include "tests/support/databases.hpp"
#include "tests/support/opened_store.hpp"

namespace nexus::test {
namespace {

const char* const kTrace = "5bf92f3577b34da6a3ce929d0e0e4737";

/// Words that occur nowhere by themselves. Each begins with another letter, so that the index, which leaves out what a
/// word shares with the one before it, keeps the rest of it.
class Words {
 public:
  explicit Words(std::string end = "juzk") : end_(std::move(end)) {}
  /// A new word; it is looked for by all but its first letter.
  std::string next() {
    const auto number = static_cast<int>(words_.size());
    std::string word(1, static_cast<char>('a' + number % 26));
    word += "vexq";
    word += static_cast<char>('a' + number / 26);
    word += static_cast<char>('a' + number % 26);
    words_.push_back(word + end_);
    return words_.back();
  }
  /// Those of all words that stand in a text.
  std::string in(std::string_view text) const {
    std::string found;
    for (const auto& word : words_)
      if (text.find(std::string_view(word).substr(1)) != std::string_view::npos) found += " " + word;
    return found;
  }
  const std::vector<std::string>& all() const { return words_; }

 private:
  std::string end_;
  std::vector<std::string> words_;
};

/// The table and column where the index of cards keeps words.
const char* place_of_index() { return is_on_postgres() ? "card_postings.term" : "card_index_data.block"; }

/// Where in the store a word stands: "table.column word". Tables of the full-text index are tables, too.
std::set<std::string> places_in(const std::filesystem::path& data_dir, const Words& words) {
  const OpenedStore store(data_dir);
  const std::string as_bytes = is_on_postgres() ? "TEXT" : "BLOB";
  std::set<std::string> places;
  for (const auto& [table, column] : store.columns()) {
    store::Query query = store.reader().query("SELECT CAST(\"" + column + "\" AS " + as_bytes + ") FROM \"" + table +
                                              "\" WHERE \"" + column + "\" IS NOT NULL");
    while (query.next())
      for (const auto& word : words.all())
        if (query.text_view(0).find(std::string_view(word).substr(1)) != std::string_view::npos)
          places.insert(table + "." + column + " " + word);
  }
  return places;
}

/// Names and contents of all files under the daemon's blobs that hold a word.
std::set<std::string> objects_with(const DaemonProcess& daemon, const Words& words) {
  std::set<std::string> found;
  for (const auto& name : files_of(daemon)) {
    std::ifstream file(daemon.data_dir() / "blobs" / name, std::ios::binary);
    const std::string content{std::istreambuf_iterator<char>(file), {}};
    if (const auto there = words.in(name + content); !there.empty()) found.insert(name + there);
  }
  return found;
}

DaemonOptions kept_in(const std::filesystem::path& directory) {
  DaemonOptions options = unlimited();
  options.data_dir = directory;
  options.environment.emplace_back("NEXUSD_RETENTION_INDEX_HOURS", "0");
  return options;
}

/// A request with a key of its own, and what a repeat says once its thing is deleted.
struct Repeatable {
  std::string target, body, type, code;
  Headers key;
  std::string name() const { return "POST " + target; }
};

/// Somebody who makes things of every plane, and deletes them again.
struct Author {
  World& world;
  Tenant tenant = world.new_tenant_with_members();
  std::string thread = new_thread(world, tenant);
  Words words{};         // that go with what they stand in
  Words keys{"wibble"};  // of requests: they stay for their day
  std::vector<Repeatable> made{};
  std::vector<std::string> things{};  // targets of their deletion
  std::string kept_pack{};

  std::string word() { return words.next(); }
  Headers as(const std::string& role) const {
    return with(World::in(tenant.at(role), tenant.id),
                {{"traceparent", std::string("00-") + kTrace + "-00f067aa0ba902b7-01"}});
  }
  Json post(const std::string& target, const std::string& body, const std::string& type, const std::string& code) {
    made.push_back({target, body, type, code, {{"Idempotency-Key", keys.next()}}});
    const Answer answer = repeat(made.back());
    INFO(answer.body);
    REQUIRE(answer.status / 100 == 2);
    return answer.json;
  }
  Json post(const std::string& target, const Json& body, const std::string& code) {
    return post(target, body.dump(), "application/json", code);
  }
  Answer repeat(const Repeatable& request) {
    return world.call("POST", request.target, with(with(as("member"), {{"Content-Type", request.type}}), request.key),
                      request.body);
  }
  Answer get(const std::string& target) { return world.call("GET", target, as("owner")); }

  void make_raw() {
    const std::string filename = word() + ".txt", code = "raw.not_found";
    const Json presigned = post("/nexus/raw/presign-upload", {{"filename", filename}}, code);
    const std::string id = presigned.at("asset_id");
    REQUIRE(world.upload(presigned, "first " + word() + "\nsecond " + word() + "\n").status == 204);
    post("/nexus/raw/register", {{"asset_id", id}, {"filename", filename}, {"metadata", {{word(), word()}}}}, code);
    post("/nexus/atoms/create-from-raw", {{"raw_asset_id", id}, {"op_type", "lines"}}, code);
    post("/nexus/atoms/create-from-raw", {{"raw_asset_id", id}, {"op_type", "text_identity"}}, code);
    things.push_back("/nexus/raw/" + id);
    const Json never = post("/nexus/raw/presign-upload", {{"filename", word() + ".txt"}}, code);
    things.push_back("/nexus/raw/" + never.at("asset_id").get<std::string>());
  }
  void make_media() {
    const std::string code = "media_asset.not_found";
    const Json meta = {{word(), word()}};
    const Json asset =
        post("/media-v2/assets",
             media_form({{"tags", word()}, {"source_ref", word()}, {"meta", meta.dump()}}, word(), word() + ".mp4"),
             kFormType, code);
    const std::string target = "/media-v2/assets/" + asset.at("asset_id").get<std::string>();
    post(target + "/artifacts",
         {{"kind", "frame"}, {"uri", asset.at("uri")}, {"track_label", word()}, {"meta", {{"note", word()}}}},
         "media_artifact.not_found");
    things.push_back(target);
    const Json remote = post("/media-v2/assets",
                             {{"source_uri", "https://example.org/" + word()},
                              {"tags", {word()}},
                              {"source_ref", word()},
                              {"meta", {{"note", word()}}}},
                             code);
    things.push_back("/media-v2/assets/" + remote.at("asset_id").get<std::string>());
  }
  void make_card() {
    const std::string text = "card_type: note\nversion: " + word() + "\ntitle: " + word() + "\ntags: [" + word() +
                             "]\n---\n" + word() + " and " + word() + "\n";
    const Json card = post("/nexus/cards", text, "text/markdown", "card.not_found");
    things.push_back("/nexus/cards/" + card.at("card_id").get<std::string>());
  }
  /// One that is deleted; and one that stays, and quotes a card that does not.
  void make_packs() {
    const Json pack = post("/nexus/influence-pack", {{"query", {{"query_text", word()}}}}, "pack.not_found");
    things.push_back("/nexus/influence-pack/" + pack.at("pack_id").get<std::string>());
    const Json kept = post("/nexus/influence-pack", {{"query", {{"query_text", ""}}}}, "");
    REQUIRE(kept.at("card_refs").size() == 1);
    REQUIRE(words.in(kept.at("card_refs").dump()) != "");
    kept_pack = kept.at("pack_id");
  }
  void make_memory() {
    for (int turn = 0; turn < 2; ++turn)
      post("/nexus/memory/session/s/turn", {{"role", "user"}, {"content", word()}, {"metadata", {{"note", word()}}}},
           "session.not_found");
    things.push_back("/nexus/memory/session/s");
  }
  void make_maybe() {
    const Json item = post("/maybes/items",
                           {{"title", word()},
                            {"body", word()},
                            {"tags", {word()}},
                            {"space", word()},
                            {"source_type", word()},
                            {"source_ref", word()}},
                           "maybe.not_found");
    const std::string target = "/maybes/items/" + item.at("item_id").get<std::string>();
    REQUIRE(world.call("PATCH", target, as("member"), Json{{"title", word()}}).status == 200);
    things.push_back(target);
  }
  void make_messages() {
    const std::string messages = "/chat/threads/" + thread + "/messages";
    for (const auto& target : {messages, "/sse/chat/" + thread}) {
      const Json message = post(target,
                                {{"text", word()},
                                 {"scope", {{"target_id", word()}}},
                                 {"sender", {{"id", tenant.member.id}, {"display_name", word()}}}},
                                "message.not_found");
      things.push_back(messages + "/" + message.at("message_id").get<std::string>());
    }
  }

  void make_all() {
    make_raw();
    make_media();
    make_card();
    make_packs();
    make_memory();
    make_maybe();
    make_messages();
  }

  /// Each word stands somewhere, each request can be repeated, and the audit log holds none of it.
  void expect_all_there() {
    const auto places = places_in(world.daemon().data_dir(), words);
    const auto objects = objects_with(world.daemon(), words);
    for (const auto& word : words.all()) {
      INFO(word);
      const auto holds = [&](const auto& place) { return place.find(word) != std::string::npos; };
      CHECK((std::ranges::any_of(places, holds) || std::ranges::any_of(objects, holds)));
    }
    CHECK(std::ranges::any_of(places, [](const auto& place) { return place.starts_with(place_of_index()); }));
    CHECK(std::ranges::none_of(places, [](const auto& place) { return place.starts_with("audit_"); }));
    CHECK(answers_with_words().size() > things.size());
    for (const auto& request : made) CHECK(repeat(request).header("idempotency-replayed") == "true");
  }
  /// None runs again, and none answers what is gone.
  void expect_repeats_refused() {
    for (const auto& request : made) {
      INFO(request.name());
      const Answer answer = repeat(request);
      CHECK(words.in(answer.body) == "");
      if (request.code.empty())
        CHECK(answer.json["card_refs"][0]["excerpt"].is_null());
      else
        CHECK(outcome(answer) == "404 " + request.code);
      Repeatable other = request;
      other.body += " ";
      if (other.type == "application/json") CHECK(outcome(repeat(other)) == "422 idempotency.key_reused");
    }
  }

  /// Answers, to the one who may see most, that hold a word of what was deleted.
  std::set<std::string> answers_with_words() {
    std::vector<std::string> targets = {std::string("/nexus/runs/") + kTrace + "?limit=200",
                                        "/nexus/influence-pack/" + kept_pack,
                                        "/chat/threads/" + thread + "/messages",
                                        "/audit/export",
                                        "/nexus/memory/session/s",
                                        "/nexus/memory/session/s?user_id=" + tenant.member.id,
                                        "/audit?limit=200"};
    for (const ApiRoute& route : all_routes(world))
      if (route.method == "GET" && route.has_header_context() && route.path.find('{') == std::string::npos &&
          !route.path.starts_with("/sse/") && !route.path.starts_with("/ws/"))
        targets.push_back(route.path);
    const Json events = get("/events?limit=200").json;
    REQUIRE(events.at("next_cursor").is_null());
    for (const Json& event : events.at("items"))
      targets.push_back("/events/" + event.at("event_id").get<std::string>());
    std::set<std::string> found;
    for (const auto& target : targets)
      if (const auto there = words.in(get(target).body); !there.empty()) found.insert(target + there);
    return found;
  }
};

}  // namespace

TEST_CASE("what was deleted stands in no answer, no table and no object, and a repeated request does not bring it back",
          "[deletions]") {
  const TemporaryDirectory directory;
  Words words, keys;
  {
    World world(kept_in(directory.path()));
    Author author{world};
    author.make_all();
    words = author.words;
    keys = author.keys;
    author.expect_all_there();
    for (const auto& thing : author.things) {
      INFO(thing);
      CHECK(world.call("DELETE", thing, author.as("member")).status == 204);
    }
    author.expect_repeats_refused();
    CHECK(author.answers_with_words() == std::set<std::string>{});
    CHECK(author.get("/nexus/influence-pack/" + author.kept_pack).json["card_refs"][0]["excerpt"].is_null());
    // What has to wait for other servers, or for a disk, follows the answer.
    CHECK(eventually([&] { return objects_with(world.daemon(), words).empty(); }));
    CHECK(eventually([&] {
      auto places = places_in(world.daemon().data_dir(), words);
      std::erase_if(places, [](const auto& place) { return place.starts_with("card_index_data."); });
      return places.empty();
    }));
  }
  // At the next start, or every minute, housekeeping merges the index.
  DaemonProcess again(kept_in(directory.path()));
  const auto data = again.data_dir();
  CHECK(eventually([&] { return places_in(data, words).empty(); }));
  CHECK(places_in(data, words) == std::set<std::string>{});
  for (const auto& place : places_in(data, keys)) CHECK(place.starts_with("idempotency_keys.key "));
}

TEST_CASE("copies that are too many for the deletion itself go right after it, and no answer shows them meanwhile",
          "[deletions]") {
  World world(unlimited());
  Author author{world};
  author.make_card();
  author.make_packs();
  for (int i = 0; i < 250; ++i)
    REQUIRE(
        author.world.call("POST", "/nexus/influence-pack", author.as("member"), Json{{"query", {{"query_text", ""}}}})
            .status == 201);
  const std::string item =
      "/maybes/items/" +
      author.post("/maybes/items", {{"title", author.word()}}, "maybe.not_found").at("item_id").get<std::string>();
  for (int i = 0; i < 250; ++i)
    REQUIRE(world.call("PATCH", item, author.as("member"), Json{{"pinned", i % 2 == 0}}).status == 200);
  for (const auto& thing : {author.things[0], item})
    CHECK(world.call("DELETE", thing, author.as("member")).status == 204);
  const Json packs = author.get("/nexus/influence-pack?limit=200").json;
  for (const Json& pack : packs.at("items")) {
    const Json refs = author.get("/nexus/influence-pack/" + pack.at("pack_id").get<std::string>()).json.at("card_refs");
    for (const Json& ref : refs) CHECK(ref.at("excerpt").is_null());
  }
  CHECK(eventually([&] {
    auto places = places_in(world.daemon().data_dir(), author.words);
    std::erase_if(places, [](const auto& place) {
      return place.starts_with("card_index_data.") || place.starts_with("influence_packs.query") ||
             place.starts_with("events.input") || place.starts_with("idempotency_keys.body");
    });
    return places.empty();
  }));
}

TEST_CASE("a deletion takes nothing from a neighbour's copies", "[deletions]") {
  World& world = shared_world();
  Author mine{world}, theirs{world};
  for (Author* author : {&mine, &theirs})
    author->post("/nexus/memory/session/s/turn", {{"role", "user"}, {"content", author->word()}}, "session.not_found");
  CHECK(world.call("DELETE", "/nexus/memory/session/s", mine.as("member")).status == 204);
  CHECK(outcome(mine.repeat(mine.made[0])) == "404 session.not_found");
  CHECK(theirs.repeat(theirs.made[0]).header("idempotency-replayed") == "true");
  CHECK(theirs.words.in(theirs.get("/events?limit=1").body) != "");
}

}  // namespace nexus::test
