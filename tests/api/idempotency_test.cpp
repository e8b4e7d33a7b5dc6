// Idempotency-Key: what is replayed, what is refused, what runs again, and that a race makes one change.
#include <atomic>
#include <thread>

#include "tests/api/expect.hpp"
#include "tests/api/world.hpp"
#include "tests/catch.hpp"

namespace nexus::test {
namespace {

struct Presigner {
  World& world = lenient_world();
  Tenant tenant = world.new_tenant_with_members();

  Answer presign(const std::string& key, const std::string& filename = "a.txt", const std::string& role = "member",
                 const std::string& env = "dev") {
    return world.call("POST", "/nexus/raw/presign-upload",
                      with(World::in(tenant.at(role), tenant.id, env), {{"Idempotency-Key", key}}),
                      Json{{"filename", filename}});
  }
};

}  // namespace

TEST_CASE("the first answer is replayed, with its receipt, and nothing is done again") {
  Presigner p;
  const Answer first = p.presign("k-1");
  REQUIRE(first.status == 200);
  CHECK(!first.has("idempotency-replayed"));
  for (int i = 0; i < 3; ++i) {
    const Answer again = p.presign("k-1");
    CHECK(again.status == 200);
    CHECK(again.header("idempotency-replayed") == "true");
    CHECK(again.body == first.body);
    CHECK(again.header("nexus-audit-seq") == first.header("nexus-audit-seq"));
    CHECK(again.header("nexus-audit-hash") == first.header("nexus-audit-hash"));
    CHECK(again.header("x-request-id") != first.header("x-request-id"));
  }
  const Answer next = p.presign("k-2");
  CHECK(std::stoi(next.header("nexus-audit-seq")) == std::stoi(first.header("nexus-audit-seq")) + 1);
}

TEST_CASE("a status and a Location are replayed too") {
  World& world = shared_world();
  const Json wish = {{"tenant_id", world.new_id("t")}, {"name", "Once"}};
  const Headers headers = with(World::as(world.root()), {{"Idempotency-Key", world.new_id("k")}});
  const Answer first = world.call("POST", "/tenants", headers, wish);
  const Answer again = world.call("POST", "/tenants", headers, wish);
  CHECK(first.status == 201);
  CHECK(again.status == 201);
  CHECK(again.header("location") == first.header("location"));
  CHECK(again.header("idempotency-replayed") == "true");
}

TEST_CASE("a key stands for one body, as it was received") {
  Presigner p;
  REQUIRE(p.presign("k").status == 200);
  const Answer reused = p.presign("k", "b.txt");
  CHECK(outcome(reused) == "422 idempotency.key_reused");
  const auto detail = reused.json.at("detail").get<std::string>();
  CHECK(detail.starts_with("this Idempotency-Key was used at 20"));
  CHECK(detail.ends_with("send that body again, or this one with a new key"));
  const Headers headers = with(World::in(p.tenant.member, p.tenant.id), {{"Idempotency-Key", "k"}});
  CHECK(outcome(p.world.call("POST", "/nexus/raw/presign-upload", headers, std::string("{ \"filename\":\"a.txt\"}"))) ==
        "422 idempotency.key_reused");
}

TEST_CASE("a key belongs to its user, tenant, env and path") {
  Presigner p;
  const Answer first = p.presign("k");
  CHECK(p.presign("k", "a.txt", "admin").json["asset_id"] != first.json["asset_id"]);
  CHECK(p.presign("k", "a.txt", "member", "staging").json["asset_id"] != first.json["asset_id"]);
  Presigner other;
  CHECK(other.presign("k").json["asset_id"] != first.json["asset_id"]);
  const Answer elsewhere = p.world.call("POST", "/nexus/raw/register",
                                        with(World::in(p.tenant.member, p.tenant.id), {{"Idempotency-Key", "k"}}),
                                        Json{{"asset_id", "x"}, {"filename", "a.txt"}});
  CHECK(outcome(elsewhere) == "404 raw.not_found");
}

TEST_CASE("two spellings of a path are one, so that one key makes one change") {
  Presigner p;
  const auto say = [&](const std::string& session) {
    return p.world.call("POST", "/nexus/memory/session/" + session + "/turn",
                        with(World::in(p.tenant.member, p.tenant.id), {{"Idempotency-Key", "k"}}),
                        Json{{"role", "user"}, {"content", "once"}});
  };
  const Answer first = say("s-1");
  REQUIRE(first.status == 201);
  for (const char* spelling : {"%73-1", "s%2D1", "s%2d1", "%73%2d%31"}) {
    INFO(spelling);
    const Answer again = say(spelling);
    CHECK(again.header("idempotency-replayed") == "true");
    CHECK(again.body == first.body);
  }
  CHECK(say("s-2").json["turn_id"] != first.json["turn_id"]);
  const Answer session = p.world.call("GET", "/nexus/memory/session/s-1", World::in(p.tenant.member, p.tenant.id));
  CHECK(session.json["turns"].size() == 1);
}

TEST_CASE("an answer too large to be kept is made again of its subject, as that stands then") {
  Presigner p;
  const Headers member = World::in(p.tenant.member, p.tenant.id);
  struct Case {
    std::string target, type, body;
  };
  Json batch = Json::array();
  for (int i = 0; i < 300; ++i)
    batch.push_back({{"provider", "openai"},
                     {"tokens_input", 1},
                     {"tokens_output", i},
                     {"cost", {{"amount_micros", i}, {"currency", "USD"}}}});
  REQUIRE(p.world.call("POST", "/chat/threads", member, Json{{"thread_id", "room"}}).status == 201);
  const std::string large(60'000, 'x'), escaped(30'000, '\x01');
  const Case cases[] = {
      {"/nexus/cards", "text/plain", "card_type: note\n---\n" + large + large},
      {"/maybes/items", "application/json", Json{{"title", "t"}, {"body", escaped + escaped}}.dump()},
      {"/nexus/memory/session/s/turn", "application/json", Json{{"role", "user"}, {"content", escaped}}.dump()},
      {"/chat/threads/room/messages", "application/json", Json{{"text", escaped}}.dump()},
      {"/three-wise/questions", "application/json",
       Json{{"question", "why"}, {"context", std::string(16'000, '\x01')}}.dump()},
      {"/budget/usage", "application/json", batch.dump()},
  };
  for (const auto& [target, type, body] : cases) {
    INFO(target);
    const Headers headers = with(member, {{"Idempotency-Key", "k"}, {"Content-Type", type}});
    const Answer first = p.world.call("POST", target, headers, body);
    REQUIRE(first.status == 201);
    REQUIRE(first.body.size() > 65'536);
    const Answer again = p.world.call("POST", target, headers, body);
    CHECK(again.status == 201);
    CHECK(again.header("idempotency-replayed") == "rendered");
    CHECK(again.header("nexus-audit-seq") == first.header("nexus-audit-seq"));
    CHECK(again.header("location") == first.header("location"));
    CHECK(again.json == first.json);
  }
}

TEST_CASE("the answer about what was changed since shows the change, and about what is gone, that it is gone") {
  Presigner p;
  const Headers member = World::in(p.tenant.member, p.tenant.id);
  const Headers keyed = with(member, {{"Idempotency-Key", "k"}});
  const std::string body = Json{{"title", "before"}, {"body", std::string(30'000, '\x01')}}.dump();
  const Answer made = p.world.call("POST", "/maybes/items", keyed, body);
  REQUIRE(made.status == 201);
  const std::string item = "/maybes/items/" + made.json["item_id"].get<std::string>();
  REQUIRE(p.world.call("PATCH", item, member, Json{{"title", "after"}}).status == 200);
  CHECK(p.world.call("POST", "/maybes/items", keyed, body).json["title"] == "after");
  REQUIRE(p.world.call("DELETE", item, member).status == 204);
  const Answer gone = p.world.call("POST", "/maybes/items", keyed, body);
  CHECK(gone.status == 404);
  CHECK(gone.code() == "maybe.not_found");
  CHECK(p.world.call("GET", "/maybes/items", member).json["items"].empty());
}

TEST_CASE("a refusal is never replayed: the next try runs") {
  Presigner p;
  const StoredFile file = [&] {
    const Json presigned = p.world.presign(p.tenant.member, p.tenant.id, "late.txt");
    return StoredFile{presigned.at("asset_id"), "late.txt", presigned.dump()};
  }();
  const auto registering = [&] {
    return p.world.call("POST", "/nexus/raw/register",
                        with(World::in(p.tenant.member, p.tenant.id), {{"Idempotency-Key", "late"}}),
                        Json{{"asset_id", file.asset_id}, {"filename", file.filename}});
  };
  CHECK(outcome(registering()) == "409 raw.not_uploaded");
  REQUIRE(p.world.upload(parse_own_json(file.content), "now it is there").status == 204);
  const Answer done = registering();
  CHECK(done.status == 201);
  CHECK(!done.has("idempotency-replayed"));
  CHECK(registering().header("idempotency-replayed") == "true");

  REQUIRE(p.world.put_kill_switches(p.tenant.admin, p.tenant.id, {{"disabled_actions", {"raw_presign"}}}).status ==
          200);
  CHECK(outcome(p.presign("gated")) == "403 kill_switch_blocked");
  REQUIRE(p.world.put_kill_switches(p.tenant.admin, p.tenant.id, {{"disabled_actions", Json::array()}}).status == 200);
  CHECK(outcome(p.presign("gated")) == "200");
}

TEST_CASE("the look-up stands before the gates and after membership") {
  Presigner p;
  REQUIRE(p.presign("k").status == 200);
  REQUIRE(p.world.put_kill_switches(p.tenant.admin, p.tenant.id, {{"disabled_actions", {"*"}}}).status == 200);
  CHECK(p.presign("k").header("idempotency-replayed") == "true");
  CHECK(outcome(p.presign("k", "b.txt")) == "422 idempotency.key_reused");
  p.world.set_member(p.tenant.id, p.tenant.member.id, "viewer");
  CHECK(outcome(p.presign("k")) == "403 auth.insufficient_role");
}

TEST_CASE("a key is 1 to 255 visible characters") {
  Presigner p;
  CHECK(outcome(p.presign(std::string(255, 'k'))) == "200");
  for (const std::string& key :
       {std::string(256, 'k'), std::string("a b"), std::string("schl\xC3\xBCssel"), std::string("")}) {
    INFO(key);
    CHECK(outcome(p.presign(key)) == "422 validation.failed");
  }
}

TEST_CASE("a token's text is not kept for a replay") {
  World& world = shared_world();
  const Person person = world.new_person();
  const Headers headers = with(World::as(person), {{"Idempotency-Key", "once"}});
  const Answer first = world.call("POST", "/tokens", headers, Json::object());
  REQUIRE(first.status == 201);
  const Answer again = world.call("POST", "/tokens", headers, Json::object());
  CHECK(outcome(again) == "409 idempotency.secret_shown");
  CHECK(again.json.at("remedy").get<std::string>().starts_with("nexusctl token revoke "));
  CHECK(again.body.find(first.json["token_id"].get<std::string>()) != std::string::npos);
  CHECK(again.body.find(first.json["token"].get<std::string>()) == std::string::npos);
  CHECK(outcome(world.call("POST", "/tokens", headers, Json{{"name", "x"}})) == "422 idempotency.key_reused");
}

TEST_CASE("many requests with one key at once make one change") {
  Presigner p;
  constexpr int kThreads = 8, kRounds = 20;
  for (int round = 0; round < kRounds; ++round) {
    const Headers headers =
        with(World::in(p.tenant.member, p.tenant.id), {{"Idempotency-Key", "race-" + std::to_string(round)}});
    std::vector<Answer> answers(kThreads);
    std::atomic<int> waiting{kThreads};
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i)
      threads.emplace_back([&, i] {
        Client client(p.world.daemon().address());
        --waiting;
        while (waiting > 0) std::this_thread::yield();
        answers[static_cast<std::size_t>(i)] =
            client.request("POST", "/nexus/raw/presign-upload", headers, R"({"filename":"race"})");
      });
    for (auto& thread : threads) thread.join();
    std::set<std::string> assets, receipts;
    int first = 0;
    for (const Answer& answer : answers) {
      p.world.saw(answer);
      if (answer.status == 200) {
        assets.insert(answer.json["asset_id"].get<std::string>());
        receipts.insert(answer.header("nexus-audit-seq"));
        first += answer.has("idempotency-replayed") ? 0 : 1;
      } else {
        CHECK(outcome(answer) == "409 idempotency.in_flight");
      }
    }
    CHECK(assets.size() == 1);
    CHECK(receipts.size() == 1);
    CHECK(first == 1);
  }
}

TEST_CASE("a fresh key that a repeat and another request race for stands for one of them") {
  Presigner p;
  const Headers member = World::in(p.tenant.member, p.tenant.id);
  const auto event = [&] {
    return Json{{"usage_id", p.world.new_id("use")},
                {"provider", "openai"},
                {"tokens_input", 1},
                {"tokens_output", 2},
                {"cost", {{"amount_micros", 3}, {"currency", "USD"}}}}
        .dump();
  };
  const auto recorded = [&] { return p.world.call("GET", "/budget/usage?limit=200", member).json.at("items").size(); };
  const std::string known = event();
  REQUIRE(p.world.call("POST", "/budget/usage", member, known).status == 201);
  for (int round = 0; round < 15; ++round) {
    INFO("round " << round);
    const Headers headers = with(member, {{"Idempotency-Key", "raced-" + std::to_string(round)}});
    const std::string bodies[] = {known, event()};
    const std::size_t before = recorded();
    std::vector<Answer> answers(8);
    std::atomic<std::size_t> waiting{answers.size()};
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < answers.size(); ++i)
      threads.emplace_back([&, i] {
        Client client(p.world.daemon().address());
        --waiting;
        while (waiting > 0) std::this_thread::yield();
        answers[i] = client.request("POST", "/budget/usage", headers, bodies[i % 2]);
      });
    for (auto& thread : threads) thread.join();
    std::set<std::size_t> done;
    std::set<std::string> receipts;
    for (std::size_t i = 0; i < answers.size(); ++i) {
      p.world.saw(answers[i]);
      if (answers[i].status / 100 == 2) {
        done.insert(i % 2);
        receipts.insert(answers[i].header("nexus-audit-seq"));
        continue;
      }
      const std::string refused = outcome(answers[i]);
      CHECK((refused == "409 idempotency.in_flight" || refused == "422 idempotency.key_reused"));
    }
    REQUIRE(done.size() == 1);
    CHECK(receipts.size() == 1);
    const std::size_t winner = *done.begin();
    CHECK(recorded() - before == winner);
    CHECK(p.world.call("POST", "/budget/usage", headers, bodies[winner]).has("idempotency-replayed"));
    CHECK(outcome(p.world.call("POST", "/budget/usage", headers, bodies[1 - winner])) == "422 idempotency.key_reused");
  }
}

}  // namespace nexus::test
