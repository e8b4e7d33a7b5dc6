// What goes once its time is past: tokens, runs of traces, tombstones, stored answers.
#include "store/retention.hpp"

#include "store/idempotency.hpp"
#include "store/rows.hpp"
#include "tests/catch.hpp"
#include "tests/unit/store/support.hpp"

namespace nexus::store::test {
namespace {

struct Stocked {
  Scratch scratch;
  SqliteDatabase database{{.path = scratch.database(), .readers = 1}};

  void run(std::string_view sql) {
    database.writer().apply([&](Tx& tx) { tx.run(sql); });
  }
  std::int64_t number(std::string_view sql) { return integer_of(database.read().reader().query(sql)); }
  std::int64_t drop(const Expiring& rows, Micros before, int limit, const Realms& realms = Realms::every()) {
    std::int64_t dropped = 0;
    database.writer().apply([&](Tx& tx) { dropped = drop_expired(tx, rows, before, limit, realms); });
    return dropped;
  }
  void answer(const std::string& tenant, int number, Micros at, std::size_t bytes, const char* env = "dev") {
    database.writer().apply([&](Tx& tx) {
      put_answer(tx, {tenant, env, "u", "POST", "/", std::to_string(number)},
                 {"x", false, 201, "{}", std::string(bytes, 'a')}, at);
    });
  }
  std::int64_t counted(const std::string& tenant) {
    auto lease = database.read();
    return integer_of(lease.reader().query("SELECT sum(bytes) FROM stored_answer_bytes WHERE tenant_id = ?1", tenant));
  }
};

}  // namespace

TEST_CASE("expired tokens go oldest first, and one row stays to tell that tokens were signed", "[retention]") {
  Stocked stage;
  stage.run("INSERT INTO users (user_id, created_at, created_by) VALUES ('u', 1, 'u')");
  for (const char* id : {"a", "b", "c", "d"})
    stage.run("INSERT INTO tokens (token_id, user_id, actor_type, created_at, created_by, expires_at) VALUES ('" +
              std::string(id) + "', 'u', 'human', 1, 'u', " + (id == std::string("a") ? "900" : "10") + ")");
  CHECK(count_expired(stage.database.read().reader(), kTokenRows, 100) == 2);
  CHECK(stage.drop(kTokenRows, 100, 1) == 1);
  CHECK(stage.drop(kTokenRows, 100, 10) == 1);
  CHECK(stage.number("SELECT count(*) FROM tokens WHERE token_id IN ('a', 'd')") == 2);
  stage.run("INSERT INTO denied_tokens VALUES ('x', 1, 10), ('y', 1, 900)");
  CHECK(stage.drop(kDeniedTokens, 100, 10) == 1);
}

TEST_CASE("runs of traces go with what belongs to them, and runs of clients stay", "[retention]") {
  Stocked stage;
  stage.run(
      "INSERT INTO runs (tenant_id, env, run_id, kind, status, metadata, start_time, end_time, created_by) VALUES "
      "('t', 'dev', 'old', 'trace', 'completed', '{}', 1, 10, 'u'), "
      "('t', 'dev', 'long', 'trace', 'completed', '{}', 1, 900, 'u'), "
      "('t', 'dev', 'own', 'study', 'completed', '{}', 1, 10, 'u')");
  stage.run("INSERT INTO run_event_types VALUES ('t', 'dev', 'old', 'a'), ('t', 'dev', 'long', 'a')");
  CHECK(stage.drop(kTraceRuns, 100, 10) == 1);
  CHECK(stage.number("SELECT count(*) FROM runs WHERE run_id IN ('long', 'own')") == 2);
  CHECK(stage.number("SELECT count(*) FROM run_event_types") == 1);
}

TEST_CASE("what expires goes from the realms that the unit named, and from no other", "[retention]") {
  Stocked stage;
  stage.run(
      "INSERT INTO cards VALUES ('t_b', 'dev', 'oldest', 'note', '', '{}', '', 0, 0, 1, 'u', 5), "
      "('t_a', 'dev', 'old', 'note', '', '{}', '', 0, 0, 1, 'u', 10), "
      "('t_a', 'prod', 'old', 'note', '', '{}', '', 0, 0, 1, 'u', 20), "
      "('t_a', 'dev', 'young', 'note', '', '{}', '', 0, 0, 1, 'u', 900)");
  const Expiring& cards = kTombstones[2];
  REQUIRE(cards.table == "cards");
  CHECK(list_expired(stage.database.read().reader(), cards, 100, 2) ==
        std::vector<Place>{{"t_b", "dev"}, {"t_a", "dev"}});
  CHECK(stage.drop(cards, 100, 10, Realms()) == 0);
  CHECK(stage.drop(cards, 100, 10, Realms().add({.tenant = "t_a", .env = "dev"})) == 1);
  CHECK(stage.number("SELECT count(*) FROM cards WHERE card_id IN ('oldest', 'young') OR env = 'prod'") == 3);
  CHECK(stage.drop(cards, 100, 10, Realms::every()) == 2);
}

TEST_CASE("tombstones go after their time, what lives never, nor what a sweep still needs", "[retention]") {
  Stocked stage;
  stage.run(
      "INSERT INTO raw_assets (tenant_id, env, asset_id, status, filename, key, uri, content_type, max_bytes, "
      "sha256_checked, metadata, created_at, created_by, deleted_at, sweeps) VALUES "
      "('t', 'dev', 'old', 'registered', '', '', '', '', 1, 0, '{}', 1, 'u', 10, 2), "
      "('t', 'dev', 'unswept', 'registered', '', '', '', '', 1, 0, '{}', 1, 'u', 10, 1), "
      "('t', 'dev', 'alive', 'registered', '', '', '', '', 1, 0, '{}', 1, 'u', NULL, 0)");
  stage.run(
      "INSERT INTO cards VALUES ('t', 'dev', 'old', 'note', '', '{}', '', 0, 0, 1, 'u', 10), "
      "('t', 'dev', 'young', 'note', '', '{}', '', 0, 0, 1, 'u', 900), "
      "('t', 'dev', 'alive', 'note', '1', '{}', 'x', 0, 1, 1, 'u', NULL)");
  for (const Expiring& rows : kTombstones) {
    INFO(rows.kind);
    CHECK(count_expired(stage.database.read().reader(), rows, 0) == 0);
    const bool has_old = rows.table == "raw_assets" || rows.table == "cards";
    CHECK(stage.drop(rows, 100, 10) == (has_old ? 1 : 0));
  }
  CHECK(stage.number("SELECT count(*) FROM raw_assets") == 2);
  CHECK(stage.number("SELECT count(*) FROM cards WHERE card_id IN ('young', 'alive')") == 2);
}

TEST_CASE("stored answers go after their day, and the oldest of a tenant above its bytes", "[retention]") {
  Stocked stage;
  for (int i = 0; i < 30; ++i) stage.answer("big", i, i, 1000);
  stage.answer("small", 1, 5, 1000);
  stage.answer("small", 1, 6, 2000);  // the same key again
  CHECK(stage.counted("big") == 30 * (512 + 2 + 1000));
  CHECK(stage.counted("small") == 512 + 2 + 2000);
  const auto waiting = count_waiting_answers(stage.database.read().reader(), 10, 20'000);
  CHECK(waiting.rows == 11);
  CHECK(waiting.bytes == 30 * 1514 - 20'000);
  std::int64_t removed = 0;
  const auto prune = [&](int limit) {
    stage.database.writer().apply([&](Tx& tx) {
      const auto tenant = find_tenant_of_heavy_answers(tx, 20'000);
      removed = tenant ? prune_heavy_answers(tx, tenant->tenant_id, 20'000, limit) : 0;
    });
    return removed;
  };
  CHECK(prune(10) == 10);
  CHECK(prune(10) == 7);
  CHECK(prune(10) == 0);
  CHECK(stage.number("SELECT min(created_at) FROM idempotency_keys WHERE tenant_id = 'big'") == 17);
  CHECK(stage.counted("big") == 13 * 1514);
  CHECK(stage.counted("small") == 2514);
  stage.database.writer().apply(
      [&](Tx& tx) { removed = prune_answers(tx, list_tenants_of_old_answers(tx, 20, 3), 20, 3); });
  CHECK(removed == 3);
  stage.database.writer().apply(
      [&](Tx& tx) { removed = prune_answers(tx, list_tenants_of_old_answers(tx, 20, 3), 20, 3); });
  CHECK(removed == 1);
  CHECK(stage.number("SELECT count(*) FROM idempotency_keys") == 10);
  CHECK(sum_answer_bytes(stage.database.read().reader()) == 10 * 1514);
}

TEST_CASE("the answers of a tenant are one heap, in whichever env they were stored", "[retention]") {
  Stocked stage;
  for (int i = 0; i < 20; ++i) stage.answer("t", i, i, 1000, i % 2 == 0 ? "dev" : "prod");
  stage.answer("u", 1, 1, 1000, "dev");
  CHECK(stage.number("SELECT count(*) FROM stored_answer_bytes WHERE tenant_id = 't' AND bytes = 10 * 1514") == 2);
  CHECK(stage.counted("t") == 20 * 1514);
  CHECK(count_waiting_answers(stage.database.read().reader(), 4, 16'000).rows == 5);
  CHECK(count_waiting_answers(stage.database.read().reader(), 4, 16'000).bytes == 20 * 1514 - 16'000);
  std::int64_t removed = 0;
  stage.database.writer().apply([&](Tx& tx) { removed = prune_heavy_answers(tx, "t", 16'000, 50); });
  CHECK(removed == 10);  // the oldest of both, although neither env has 16 000
  CHECK(stage.number("SELECT min(created_at) FROM idempotency_keys WHERE tenant_id = 't'") == 10);
  stage.database.writer().apply(
      [&](Tx& tx) { removed = prune_answers(tx, list_tenants_of_old_answers(tx, 14, 50), 14, 50); });
  CHECK(removed == 5);
  CHECK(stage.number("SELECT count(*) FROM stored_answer_bytes WHERE tenant_id = 't' AND bytes = 3 * 1514") == 2);
}

TEST_CASE("what is kept for ever is counted", "[retention]") {
  Stocked stage;
  stage.run(
      "INSERT INTO cards SELECT 't', 'dev', value, 'note', '1', '{}', 'x', 0, 1, 1, 'u', NULL FROM "
      "json_each('[\"a\",\"b\",\"c\"]')");
  stage.run("INSERT INTO budget_rollups VALUES ('t', 'dev', '*', '', 'day', 1, '', 5, 1)");
  for (const Kept& kept : kKept) {
    INFO(kept.kind);
    const std::int64_t count = count_kept(stage.database.read().reader(), kept);
    CHECK(count == (kept.kind == "cards" ? 3 : kept.kind == "usage_rollups" ? 1 : 0));
  }
}

}  // namespace nexus::store::test
