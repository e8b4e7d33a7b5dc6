// Requests for what is done already, by every route that answers them: the answer and the receipt of the act, no row
// without a key, a small one with a fresh key; and whatever refuses the act refuses its repeat.
#include <atomic>
#include <thread>

#include "store/rows.hpp"
#include "tests/api/expect.hpp"
#include "tests/api/world.hpp"
#include "tests/catch.hpp"
#include "tests/support/databases.hpp"
#include "tests/support/opened_store.hpp"

namespace nexus::test {
namespace {

/// A request that was done once, and its answer.
struct Act {
  std::string name, method, target, role;
  Json body;
  Answer first = {};
};

struct Repeats {
  World& world = lenient_world();
  Tenant tenant = world.new_tenant_with_members();

  Answer ask(const Act& act, const Headers& more = {}) {
    const Person& who = tenant.at(act.role);
    const Headers headers = act.target.starts_with("/tenants/") ? World::as(who) : World::in(who, tenant.id);
    return world.call(act.method, act.target, with(headers, more), act.body);
  }
  Act done(Act act) {
    act.first = ask(act);
    INFO(act.name << " " << act.first.body);
    REQUIRE(act.first.status / 100 == 2);
    return act;
  }

  Act registration() {
    const StoredFile file = world.uploaded(tenant.member, tenant.id);
    return done({"register", "POST", "/nexus/raw/register", "member",
                 Json{{"asset_id", file.asset_id}, {"filename", file.filename}}});
  }
  Act atoms(const std::string& content = "One.\n\nTwo.\n") {
    const Json form = world.presign(tenant.member, tenant.id, "text.txt");
    REQUIRE(world.upload(form, content).status == 204);
    const Json asset = {{"asset_id", form.at("asset_id")}, {"filename", "text.txt"}};
    done({"register", "POST", "/nexus/raw/register", "member", asset});
    return done({"atoms", "POST", "/nexus/atoms/create-from-raw", "member",
                 Json{{"raw_asset_id", form.at("asset_id")}, {"op_type", "lines"}}});
  }
  Json usage_event() {
    return {{"usage_id", world.new_id("use")},
            {"provider", "openai"},
            {"tokens_input", 1},
            {"tokens_output", 2},
            {"cost", {{"amount_micros", 3}, {"currency", "USD"}}}};
  }
  Act usage() { return done({"usage", "POST", "/budget/usage", "member", usage_event()}); }
  Act usage_batch() {
    return done(
        {"batch", "POST", "/budget/usage", "member", Json::array({usage_event(), usage_event(), usage_event()})});
  }
  Act revocation() {
    const Answer issued =
        world.call("POST", "/firearms/licences", World::in(tenant.admin, tenant.id),
                   Json{{"subject_type", "user"}, {"subject_id", tenant.member.id}, {"level", "low"}});
    REQUIRE(issued.status == 201);
    return done({"revocation", "PATCH", "/firearms/licences/" + issued.json.at("licence_id").get<std::string>(),
                 "admin", Json{{"status", "revoked"}}});
  }
  Act erasure() {
    const std::string seq = registration().first.header("nexus-audit-seq");
    return done({"erasure", "POST", "/audit/" + seq + "/erase", "owner", Json{{"reason", "privacy"}}});
  }
  std::vector<Act> posts() { return {registration(), atoms(), usage(), usage_batch(), erasure()}; }
  std::vector<Act> all() {
    auto acts = posts();
    acts.push_back(revocation());
    return acts;
  }

  /// What a repeat answers, apart from the number of new events in a batch.
  static Json shown(const Act& act) {
    Json json = act.first.json;
    if (json.contains("recorded")) json["recorded"] = 0;
    return json;
  }
  void is_repeat(const Act& act, const Answer& answer) {
    CHECK(answer.status == 200);
    CHECK(answer.header("nexus-audit-seq") == act.first.header("nexus-audit-seq"));
    CHECK(answer.header("nexus-audit-hash") == act.first.header("nexus-audit-hash"));
    CHECK(answer.header("content-type") == act.first.header("content-type"));
    if (act.name != "batch") {
      CHECK(answer.json == act.first.json);
    } else {
      CHECK(answer.json.at("items") == act.first.json.at("items"));
    }
  }

  std::int64_t number(const std::string& sql) {
    const OpenedStore store(world.daemon().data_dir());
    return store::integer_of(store.reader().query(sql, tenant.id));
  }
  /// The number of this tenant's rows in each table.
  std::map<std::string, std::int64_t> rows() {
    const OpenedStore store(world.daemon().data_dir());
    std::map<std::string, std::int64_t> out;
    for (const auto& [table, column] : store.columns())
      if (column == "tenant_id")
        out[table] = store::integer_of(
            store.reader().query("SELECT count(*) FROM " + table + " WHERE tenant_id = ?1", tenant.id));
    REQUIRE(out.size() > 20);
    return out;
  }
  /// Units that the writer committed since the daemon started.
  std::int64_t units() {
    const std::string text = world.call("GET", "/metrics").body, name = "\nnexus_writer_units_total ";
    const auto at = text.find(name);
    REQUIRE(at != std::string::npos);
    return std::stoll(text.substr(at + name.size()));
  }
};

Headers keyed(const std::string& key) { return {{"Idempotency-Key", key}}; }

/// About so many bytes of answer when cut into lines: an atom has some 350 beside its text.
std::string lines_of(std::size_t count, std::size_t bytes) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += std::to_string(i) + std::string(bytes, 'x') + "\n";
  return text;
}

}  // namespace

TEST_CASE("what is done already is answered with the act's receipt, and without a key nothing is written",
          "[repeats]") {
  Repeats repeats;
  for (const Act& act : repeats.all()) {
    INFO(act.name);
    const auto before = repeats.rows();
    for (int i = 0; i < 3; ++i) repeats.is_repeat(act, repeats.ask(act));
    CHECK(repeats.rows() == before);
  }
}

TEST_CASE("without a key a repeat never comes to the writer", "[repeats]") {
  Repeats repeats;
  const auto acts = repeats.all();
  const std::int64_t before = repeats.units();
  for (int i = 0; i < 50; ++i)
    for (const Act& act : acts) REQUIRE(repeats.ask(act).status == 200);
  CHECK(repeats.units() - before < 50);  // the daemon's own, such as when a token was last used
}

TEST_CASE("with a fresh key a repeat keeps no more than a reference, and the key replays it", "[repeats]") {
  Repeats repeats;
  for (const Act& act : repeats.posts()) {
    INFO(act.name);
    const Answer plain = repeats.ask(act);
    const auto before = repeats.rows();
    const Answer first = repeats.ask(act, keyed(act.name));
    repeats.is_repeat(act, first);
    CHECK(!first.has("idempotency-replayed"));
    auto after = repeats.rows();
    CHECK(after["idempotency_keys"]-- == before.at("idempotency_keys") + 1);
    after["stored_answer_bytes"] = before.at("stored_answer_bytes");  // one row with the first answer in its env
    CHECK(after == before);
    for (int i = 0; i < 2; ++i) {
      const Answer again = repeats.ask(act, keyed(act.name));
      repeats.is_repeat(act, again);
      CHECK(again.header("idempotency-replayed") == "rendered");
      CHECK(again.json == plain.json);
      CHECK(again.header("location") == first.header("location"));
    }
    CHECK(repeats.rows().at("idempotency_keys") == before.at("idempotency_keys") + 1);
    Act other = act;
    other.body = Json{{"another", "body"}};
    const Answer reused = repeats.ask(other, keyed(act.name));
    CHECK(reused.status == 422);
  }
  CHECK(repeats.number("SELECT count(*) FROM idempotency_keys WHERE tenant_id = ?1 AND is_reference = 0") == 0);
}

TEST_CASE("two hundred fresh keys for one answer of nearly 64 KiB take less than 512 KiB of the database",
          "[repeats]") {
  Repeats repeats;
  const Act act = repeats.atoms(lines_of(100, 250));
  REQUIRE(act.first.body.size() > 50'000);
  REQUIRE(act.first.body.size() < 65'536);
  // PostgreSQL would compress such answers: there the bytes are those of the answers as they are kept.
  const std::string size =
      is_on_postgres() ? "SELECT coalesce(sum(bytes), 0) FROM stored_answer_bytes WHERE tenant_id = ?1"
                       : "SELECT page_count * page_size + 0 * length(?1) FROM pragma_page_count(), pragma_page_size()";
  const std::int64_t before = repeats.number(size);
  for (int i = 0; i < 200; ++i) repeats.is_repeat(act, repeats.ask(act, keyed("fresh-" + std::to_string(i))));
  const std::int64_t grown = repeats.number(size) - before;
  INFO("grown by " << grown);
  CHECK(grown < 512 * 1024);
  CHECK(repeats.number("SELECT count(*) FROM idempotency_keys WHERE tenant_id = ?1") == 200);
}

TEST_CASE("what refuses an act refuses its repeat, with a key and without", "[repeats]") {
  Repeats repeats;
  World& world = repeats.world;
  const Tenant& tenant = repeats.tenant;
  const auto acts = repeats.posts();
  int round = 0;
  const auto all_are = [&](const std::string& expected, bool leaves_row) {
    ++round;
    for (const Act& act : acts) {
      INFO(act.name);
      for (const Headers& more : {Headers{}, keyed(act.name + std::to_string(round))}) {
        const Answer answer = repeats.ask(act, more);
        CHECK(outcome(answer) == expected);
        CHECK(answer.has("nexus-audit-seq") == leaves_row);
        CHECK((answer.header("nexus-audit-hash") == act.first.header("nexus-audit-hash")) == (expected == "200"));
      }
    }
  };
  const auto switches = [&](const Json& body) {
    REQUIRE(world.put_kill_switches(tenant.owner, tenant.id, body).status == 200);
  };
  switches({{"disabled_actions", {"raw_register", "atom_create", "usage_record", "audit_erase"}}});
  all_are("403 kill_switch_blocked", true);
  switches({{"disabled_actions", Json::array()}});
  all_are("200", true);

  world.set_status(tenant.id, "disabled");
  all_are("403 tenant.disabled", false);
  world.set_status(tenant.id, "active");
  all_are("200", true);
  CHECK(repeats.number("SELECT count(*) FROM idempotency_keys WHERE tenant_id = ?1") ==
        2 * static_cast<std::int64_t>(acts.size()));
}

TEST_CASE("a caller who is stopped, demoted or removed, or whose tenant is suspended, gets no repeat", "[repeats]") {
  Repeats repeats;
  World& world = repeats.world;
  const Tenant& tenant = repeats.tenant;
  const std::vector<Act> acts = {repeats.registration(), repeats.atoms(), repeats.usage(), repeats.usage_batch()};
  int round = 0;
  const auto all_are = [&](const std::string& expected) {
    ++round;
    for (const Act& act : acts) {
      INFO(act.name);
      CHECK(outcome(repeats.ask(act)) == expected);
      CHECK(outcome(repeats.ask(act, keyed(act.name + std::to_string(round)))) == expected);
    }
  };
  const auto switches = [&](const Json& users) {
    REQUIRE(world.put_kill_switches(tenant.owner, tenant.id, {{"disabled_users", users}}).status == 200);
  };
  switches({tenant.member.id});
  all_are("403 kill_switch_blocked");
  switches(Json::array());
  world.set_status(tenant.id, "suspended");
  all_are("403 tenant.suspended");
  world.set_status(tenant.id, "active");
  all_are("200");
  world.set_member(tenant.id, tenant.member.id, "viewer");
  all_are("403 auth.insufficient_role");
}

TEST_CASE("a suspended tenant's repeat of what tightens is answered", "[repeats]") {
  Repeats repeats;
  const Act act = repeats.revocation();
  repeats.world.set_status(repeats.tenant.id, "suspended");
  repeats.is_repeat(act, repeats.ask(act));
}

TEST_CASE("a repeat with other values is no repeat", "[repeats]") {
  Repeats repeats;
  Act registration = repeats.registration();
  registration.body["size_bytes"] = 1;
  CHECK(outcome(repeats.ask(registration)) == "409 raw.already_registered");
  CHECK(outcome(repeats.ask(registration, keyed("k"))) == "409 raw.already_registered");
  registration.body = {{"asset_id", registration.body["asset_id"]}, {"filename", "other"}};
  CHECK(outcome(repeats.ask(registration)) == "409 raw.filename_mismatch");
  Act usage = repeats.usage();
  usage.body["tokens_input"] = 7;
  CHECK(outcome(repeats.ask(usage)) == "409 budget.usage_conflict");
  Act batch = repeats.usage_batch();
  batch.body.push_back(repeats.usage_event());
  const Answer more = repeats.ask(batch);
  CHECK(more.status == 201);
  CHECK(more.json.at("recorded") == 1);
}

TEST_CASE("a repeat that races the deletion of its subject is the repeat or says that it is gone", "[repeats]") {
  Repeats repeats;
  constexpr int kThreads = 4, kRounds = 8, kEach = 6;
  for (int round = 0; round < kRounds; ++round) {
    const Act act = repeats.atoms();
    const Headers member = World::in(repeats.tenant.member, repeats.tenant.id);
    const std::string asset = act.body.at("raw_asset_id");
    const auto key = [&](int thread, int i) { return keyed(std::to_string(thread) + "-" + std::to_string(i) + asset); };
    std::vector<std::vector<Answer>> seen(kThreads);
    std::atomic<int> waiting{kThreads + 1};
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t)
      threads.emplace_back([&, t] {
        Client client(repeats.world.daemon().address());
        --waiting;
        while (waiting > 0) std::this_thread::yield();
        for (int i = 0; i < kEach; ++i)
          seen[static_cast<std::size_t>(t)].push_back(
              client.request(act.method, act.target, t % 2 == 0 ? member : with(member, key(t, i)), act.body.dump()));
      });
    --waiting;
    while (waiting > 0) std::this_thread::yield();
    REQUIRE(repeats.world.call("DELETE", "/nexus/raw/" + asset, member).status == 204);
    for (auto& thread : threads) thread.join();
    for (const auto& answers : seen)
      for (const Answer& answer : answers) {
        repeats.world.saw(answer);
        if (answer.status == 200)
          repeats.is_repeat(act, answer);
        else
          CHECK(outcome(answer) == "404 raw.not_found");
      }
    CHECK(outcome(repeats.ask(act)) == "404 raw.not_found");
    for (int t = 1; t < kThreads; t += 2)
      for (int i = 0; i < kEach; ++i) CHECK(outcome(repeats.ask(act, key(t, i))) == "404 raw.not_found");
  }
}

TEST_CASE("a large answer about kill switches of several envs is kept as a reference", "[repeats]") {
  Repeats repeats;
  Json block = Json::array();
  for (int i = 0; i < 100; ++i)
    block.push_back({{"kind", "action"}, {"name", "act_" + std::to_string(i)}, {"reason", std::string(400, 'r')}});
  const Act act{"switches", "POST", "/tenants/" + repeats.tenant.id + "/kill-switches", "admin",
                Json{{"block", block}, {"allow", Json::array({{{"kind", "action"}, {"name", "act_none"}}})}}};
  const Answer first = repeats.ask(act, keyed("k"));
  REQUIRE(first.status == 200);
  REQUIRE(first.body.size() > 65'536);
  const Answer again = repeats.ask(act, keyed("k"));
  CHECK(again.header("idempotency-replayed") == "rendered");
  CHECK(again.header("nexus-audit-seq") == first.header("nexus-audit-seq"));
  CHECK(again.json == first.json);
  CHECK(repeats.number("SELECT max(length(body)) FROM idempotency_keys WHERE tenant_id = ?1") < 1024);
}

TEST_CASE("what blocks an action again keeps no copy of the documents under its key", "[repeats]") {
  Repeats repeats;
  const Act act = repeats.done(
      {"switches", "POST", "/tenants/" + repeats.tenant.id + "/kill-switches", "admin",
       Json{{"block", Json::array({{{"kind", "action"}, {"name", "act_once"}, {"reason", std::string(500, 'r')}}})}}});
  for (const char* key : {"k-1", "k-2"}) {
    const Answer same = repeats.ask(act, keyed(key));
    CHECK(same.json.at("changed") == false);
    CHECK(same.json.at("items") == act.first.json.at("items"));
    const Answer again = repeats.ask(act, keyed(key));
    CHECK(again.header("idempotency-replayed") == "rendered");
    CHECK(again.json == same.json);
  }
  CHECK(repeats.number("SELECT max(length(body)) FROM idempotency_keys WHERE tenant_id = ?1") < 100);
}

}  // namespace nexus::test
