// What was deleted by an earlier version, or has more copies than one unit takes: the migration and housekeeping clean
// it, and the rest stays as it was.
#include "daemon/base/json.hpp"
#include "store/erasure.hpp"
#include "store/idempotency.hpp"
#include "store/model_rows.hpp"
#include "store/packs.hpp"
#include "tests/catch.hpp"
#include "tests/unit/store/support.hpp"

namespace nexus::store {
namespace {

constexpr std::size_t kBefore = 24;  // migrations without deletions

/// A store as an earlier version left it: of each pair one was deleted.
constexpr const char* kOldRows = R"SQL(
INSERT INTO cards VALUES ('t', 'dev', 'kept', 'note', '1', '{}', 'body', 0, 4, 1, 'u', NULL);
INSERT INTO cards VALUES ('t', 'dev', 'gone', 'note', '1', '{}', '', 0, 0, 1, 'u', 5);
INSERT INTO influence_packs VALUES ('t', 'dev', 'p', '{}',
  '[{"card_id":"gone","excerpt":"secret","score":0.12345678901234568},
    {"card_id":"kept","excerpt":"body","score":1.5e-17}]',
  2, 1, 'u');
INSERT INTO influence_packs VALUES ('t', 'dev', 'empty', '{}', '[]', 0, 1, 'u');
INSERT INTO media_assets VALUES ('t', 'dev', 'kept', 'video', 'f.mp4', 'k', 'u', NULL, 'c', 1, 's', 'r', '{"a":1}',
  '["tag"]', 1, 'u', NULL);
INSERT INTO media_assets VALUES ('t', 'dev', 'gone', 'video', 'secret', 'secret', 'secret', NULL, 'c', 1, 's', 'secret',
  '{"a":"secret"}', '["secret"]', 1, 'u', 9);
INSERT INTO media_tags VALUES ('t', 'dev', 'tag', 'kept'), ('t', 'dev', 'secret', 'gone');
INSERT INTO media_artifacts VALUES ('t', 'dev', 'f', 'gone', 'frame', 'secret', NULL, NULL, 'secret', '{}', 1, 'u');
INSERT INTO raw_assets (tenant_id, env, asset_id, status, filename, key, uri, content_type, max_bytes, sha256_checked,
  metadata, created_at, created_by, deleted_at, sweeps) VALUES
  ('t', 'dev', 'swept', 'registered', 'secret', 'secret', 'secret', 'c', 1, 0, '{"a":"secret"}', 1, 'u', 1, 2),
  ('t', 'dev', 'fresh', 'registered', 'secret', 'the key', 'the uri', 'c', 1, 0, '{"a":"secret"}', 1, 'u', 1, 1),
  ('t', 'dev', 'kept', 'registered', 'f.txt', 'k', 'u', 'c', 1, 0, '{"a":1}', 1, 'u', NULL, 0);
INSERT INTO idempotency_keys
  SELECT 't', 'dev', 'u', 'POST', '/', value ->> 0, 'x', value ->> 1, 201, '{}', value ->> 2, 1 FROM json_each('[
    ["card gone", 0, "{\"card_id\":\"gone\",\"full_text\":\"secret\"}"], ["card kept", 0, "{\"card_id\":\"kept\"}"],
    ["pack", 0, "{\"pack_id\":\"p\",\"card_refs\":[{\"card_id\":\"gone\",\"excerpt\":\"secret\"}]}"],
    ["media gone", 0, "{\"asset_id\":\"gone\",\"kind\":\"video\",\"tags\":[\"secret\"]}"],
    ["artifact gone", 0, "{\"asset_id\":\"gone\",\"artifact_id\":\"f\",\"kind\":\"frame\",\"uri\":\"secret\"}"],
    ["raw gone", 0, "{\"asset_id\":\"swept\",\"filename\":\"secret\"}"],
    ["token", 1, "an id"], ["nothing", 0, ""]]');
INSERT INTO event_heads (tenant_id, env, seq) VALUES ('t', 'dev', 3);
INSERT INTO events (tenant_id, env, seq, event_id, surface, actor_id, actor_type, event_type, asset_type, asset_id,
  input, output, metadata, pii_flags, train_ok, trace_id, request_id, created_at) VALUES
  ('t', 'dev', 1, 'e1', 'media', 'u', 'human', 'media_asset_uploaded', 'media_asset', 'gone', '{"tags":["secret"]}',
    '{"uri":"secret"}', '{}', '[]', 1, 'x', 'r', 1),
  ('t', 'dev', 2, 'e2', 'media', 'u', 'human', 'media_artifact_created', 'media_artifact', 'f', '{}',
    '{"uri":"secret"}', '{}', '[]', 1, 'x', 'r', 1),
  ('t', 'dev', 3, 'e3', 'media', 'u', 'human', 'media_asset_uploaded', 'media_asset', 'kept', '{"tags":["tag"]}', '{}',
    '{}', '[]', 1, 'x', 'r', 1);
)SQL";

struct Old {
  test::Scratch scratch;
  Old() {
    Connection connection{ConnectionOptions{.path = scratch.database()}};
    migrate(connection, embedded_migrations().first(kBefore));
    connection.execute(kOldRows);
  }
  SqliteDatabase open() { return SqliteDatabase({.path = scratch.database(), .readers = 1}); }
};

/// How many values of any table hold the text.
int count_of(const Reader& reader, const std::string& text) {
  int count = 0;
  Query tables = reader.query("SELECT name FROM sqlite_schema WHERE type = 'table'");
  while (tables.next()) {
    Query columns = reader.query("SELECT name FROM pragma_table_info('" + tables.text(0) + "')");
    while (columns.next()) {
      Query q = reader.query("SELECT count(*) FROM \"" + tables.text(0) + "\" WHERE instr(CAST(\"" + columns.text(0) +
                                 "\" AS BLOB), CAST(?1 AS BLOB)) > 0",
                             text);
      if (q.next()) count += static_cast<int>(q.integer(0));
    }
  }
  return count;
}

void erase_all_noted(SqliteDatabase& database) {
  while (const auto noted = find_noted(database.read().reader()))
    database.writer().apply([&](Tx& tx) { erase_noted(tx, *noted, 200); });
}

std::string text_of(const Reader& reader, const std::string& sql) {
  Query q = reader.query(sql);
  return q.next() ? q.text(0) : "none";
}

}  // namespace

TEST_CASE("what was deleted before this version is cleaned at its first start, and the rest stays", "[deletions]") {
  Old old;
  SqliteDatabase database({.path = old.scratch.database(), .readers = 1});
  erase_all_noted(database);
  auto lease = database.read();
  const Reader& reader = lease.reader();
  CHECK(count_of(reader, "secret") == 0);
  const auto pack = find_row<packs::kPack>(reader, {.tenant = "t", .env = "dev"}, "p");
  REQUIRE(pack);
  CHECK(pack->card_refs == R"([{"card_id":"gone","score":0.12345678901234568},{"card_id":"kept","score":1.5e-17}])");
  CHECK(list_excerpts(reader, *pack) == std::vector<Excerpt>{{"kept", "body"}});
  CHECK(find_row<packs::kPack>(reader, {.tenant = "t", .env = "dev"}, "empty")->card_refs == "[]");
  CHECK(text_of(reader, "SELECT group_concat(key || ' ' || status, ', ') FROM idempotency_keys ORDER BY key") ==
        "artifact gone 404, card gone 404, card kept 201, media gone 404, nothing 201, pack 201, raw gone 404, token "
        "201");
  CHECK(text_of(reader, "SELECT tags || meta || filename FROM media_assets WHERE asset_id = 'kept'") ==
        R"(["tag"]{"a":1}f.mp4)");
  CHECK(text_of(reader, "SELECT group_concat(tag) FROM media_tags") == "tag");
  CHECK(text_of(reader, "SELECT key || ' ' || uri FROM raw_assets WHERE asset_id = 'fresh'") ==
        "the key ");  // for its sweeps
  CHECK(text_of(reader, "SELECT filename || metadata FROM raw_assets WHERE asset_id = 'kept'") == R"(f.txt{"a":1})");
  CHECK(text_of(reader, "SELECT input || train_ok FROM events WHERE seq = 1") == "{}0");
  CHECK(text_of(reader, "SELECT input || train_ok FROM events WHERE seq = 3") == R"({"tags":["tag"]}1)");
  CHECK(text_of(reader, "SELECT count(*) FROM events") == "3");
  CHECK(text_of(reader, "SELECT count(*) FROM erasures") == "0");
  CHECK(text_of(reader, "SELECT state || since FROM card_index_debts") == "waiting5");
}

TEST_CASE("copies that one unit does not take are noted, and erased until none is left", "[deletions]") {
  test::Scratch scratch;
  SqliteDatabase database({.path = scratch.database(), .readers = 1});
  constexpr int many = 450;
  database.writer().apply([](Tx& tx) {
    for (int i = 0; i < many; ++i)
      insert_pack(tx, {"t", "dev", "p" + std::to_string(i), "{}", "[]", 0, 1, "u"}, {{"c", "secret"}, {"d", "kept"}});
    // An answer may be kept as a reference: then it is no JSON, and quotes nothing.
    put_answer(tx, {"t", "dev", "u", "POST", "/", "k"}, {"x", false, 201, "{}", "p0", "influence_pack", "p0", true}, 1);
  });
  bool whole = true;
  database.writer().apply([&](Tx& tx) { whole = erase_copies(tx, {"t", "dev", "card", "c"}); });
  CHECK_FALSE(whole);
  CHECK(find_answer(database.read().reader(), {"t", "dev", "u", "POST", "/", "k"}, 0)->body == "p0");
  CHECK(count_of(database.read().reader(), "secret") == many - 100);
  erase_all_noted(database);
  CHECK(count_of(database.read().reader(), "secret") == 0);
  CHECK(count_of(database.read().reader(), "kept") == many);
  database.writer().apply([&](Tx& tx) { whole = erase_copies(tx, {"t", "dev", "card", "c"}); });
  CHECK(whole);
}

TEST_CASE("an erased answer keeps its key and its request, and nothing else", "[deletions]") {
  test::Scratch scratch;
  SqliteDatabase database({.path = scratch.database(), .readers = 1});
  const IdempotencyScope scope{"t", "dev", "u", "POST", "/nexus/cards", "k"};
  IdempotencyScope other = scope;
  other.key = "other";
  database.writer().apply([&](Tx& tx) {
    put_answer(tx, scope, {"digest", false, 201, R"({"Location":"x"})", "secret", "card", "c"}, 10);
    put_answer(tx, other, {"digest", false, 201, "{}", "kept", "card", "d"}, 10);
    CHECK(erase_copies(tx, {"t", "dev", "card", "c"}));
    CHECK(erase_copies(tx, {"t", "prod", "card", "d"}));
    CHECK(erase_copies(tx, {"t", "dev", "maybe", "d"}));
  });
  const auto erased = find_answer(database.read().reader(), scope, 0);
  REQUIRE(erased);
  CHECK(erased->erased());
  CHECK(erased->body_sha256 == "digest");
  CHECK(erased->body + erased->headers == "{}");
  CHECK(find_answer(database.read().reader(), other, 0)->body == "kept");
}

}  // namespace nexus::store
