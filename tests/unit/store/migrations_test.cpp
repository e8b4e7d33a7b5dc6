// All or nothing, never backwards, never another history.
#include <algorithm>

#include "store/gates.hpp"
#include "store/identity.hpp"
#include "support.hpp"
#include "tests/catch.hpp"

using namespace nexus::store;
using namespace nexus::store::test;

namespace {
constexpr Migration kOne = {1, "one", "CREATE TABLE a(x INTEGER) STRICT; INSERT INTO a VALUES(1);"};
constexpr Migration kTwo = {2, "two", "CREATE TABLE b(x INTEGER) STRICT;"};

struct Open {
  Scratch scratch;
  Connection connection{ConnectionOptions{.path = scratch.database()}};
  Tx tx{connection};
  std::int64_t integer(const std::string& sql) {
    Query query = tx.query(sql);
    REQUIRE(query.next());
    return query.integer(0);
  }
};

std::string refusal(Connection& connection, std::vector<Migration> migrations) {
  try {
    migrate(connection, migrations);
  } catch (const SchemaError& error) {
    return error.what();
  }
  return "accepted";
}
}  // namespace

TEST_CASE("migrations are applied once, in order, and remembered") {
  Open open;
  const auto first = migrate(open.connection, std::vector{kOne});
  CHECK(first.version_before == 0);
  CHECK(first.version_after == 1);
  const auto second = migrate(open.connection, std::vector{kOne, kTwo});
  CHECK(second.version_before == 1);
  CHECK(second.version_after == 2);
  CHECK(migrate(open.connection, std::vector{kOne, kTwo}).version_before == 2);
  CHECK(open.integer("PRAGMA user_version") == 2);
  CHECK(open.integer("SELECT count(*) FROM a") == 1);
  CHECK(open.integer("SELECT count(*) FROM schema_migrations WHERE length(sha256)=64") == 2);
}

TEST_CASE("a second migration that fails leaves nothing of the first") {
  Open open;
  const Migration broken = {2, "broken", "CREATE TABLE b(x INTEGER) STRICT; INSERT INTO nowhere VALUES(1);"};
  CHECK_THAT(refusal(open.connection, {kOne, broken}), Catch::Matchers::ContainsSubstring("0002_broken"));
  CHECK(open.integer("PRAGMA user_version") == 0);
  CHECK(open.integer("SELECT count(*) FROM sqlite_schema") == 0);
  CHECK(open.integer("PRAGMA foreign_keys") == 1);
  CHECK(migrate(open.connection, std::vector{kOne, kTwo}).version_after == 2);
}

TEST_CASE("a script cannot end the transaction it runs in") {
  Open open;
  const Migration sly = {2, "sly", "CREATE TABLE b(x INTEGER) STRICT; COMMIT; CREATE TABLE c(x INTEGER) STRICT;"};
  CHECK_THAT(refusal(open.connection, {kOne, sly}), Catch::Matchers::ContainsSubstring("0002_sly"));
  CHECK(open.integer("SELECT count(*) FROM sqlite_schema") == 0);
}

TEST_CASE("an applied script that was changed or renamed is found") {
  Open open;
  migrate(open.connection, std::vector{kOne});
  const Migration changed = {1, "one", "CREATE TABLE a(x INTEGER) STRICT;"};
  const Migration renamed = {1, "uno", kOne.sql};
  CHECK_THAT(refusal(open.connection, {changed}), Catch::Matchers::ContainsSubstring("0001_one"));
  CHECK_THAT(refusal(open.connection, {renamed}),
             Catch::Matchers::ContainsSubstring("is not the one that was applied"));
}

TEST_CASE("a database of a newer program is refused with a clear line") {
  Open open;
  migrate(open.connection, std::vector{kOne, kTwo});
  CHECK(refusal(open.connection, {kOne}) ==
        "this database was written by a newer nexusd (schema 2, this one knows 1): start the newer one");
}

TEST_CASE("a table of migrations that does not agree with user_version is found") {
  Open open;
  migrate(open.connection, std::vector{kOne, kTwo});
  open.tx.run("DELETE FROM schema_migrations WHERE version=1");
  CHECK_THAT(refusal(open.connection, {kOne, kTwo}), Catch::Matchers::ContainsSubstring("does not agree"));
}

TEST_CASE("a migration may rebuild a table that others point at, and may leave no orphans") {
  Open open;
  const Migration base = {1, "base",
                          "CREATE TABLE p(id INTEGER PRIMARY KEY) STRICT;"
                          "CREATE TABLE c(id INTEGER REFERENCES p(id)) STRICT;"
                          "INSERT INTO p VALUES(1); INSERT INTO c VALUES(1);"};
  const Migration rebuild = {2, "rebuild",
                             "CREATE TABLE q(id INTEGER PRIMARY KEY, more TEXT) STRICT;"
                             "INSERT INTO q(id) SELECT id FROM p; DROP TABLE p; ALTER TABLE q RENAME TO p;"};
  const Migration orphan = {3, "orphan", "DELETE FROM p;"};
  CHECK(migrate(open.connection, std::vector{base, rebuild}).version_after == 2);
  CHECK_THAT(refusal(open.connection, {base, rebuild, orphan}),
             Catch::Matchers::ContainsSubstring("point to none of p"));
  CHECK(open.integer("SELECT count(*) FROM p") == 1);
}

TEST_CASE("numbers that are not dense are a fault of the program") {
  Open open;
  CHECK_THROWS_AS(migrate(open.connection, std::vector{kTwo}), std::logic_error);
}

TEST_CASE("the embedded migrations apply to an empty file and leave it sound") {
  Open open;
  CHECK(migrate(open.connection, embedded_migrations()).version_after ==
        static_cast<int>(embedded_migrations().size()));
  CHECK(find_damage(open.connection, true).empty());
  CHECK(open.integer("SELECT count(*) FROM pragma_table_list WHERE type='table' AND NOT strict AND schema='main' "
                     "AND name NOT LIKE 'sqlite!_%' ESCAPE '!'") == 0);
}

TEST_CASE("kill switches of an old store stay in force entry by entry, and those of t_system are cleared and kept") {
  Open open;
  const auto all = embedded_migrations();
  const auto ours = std::ranges::find(all, std::string_view("kill_switch_entries"), &Migration::name);
  REQUIRE(ours != all.end());
  const auto before = all.subspan(0, static_cast<std::size_t>(ours - all.begin()));
  migrate(open.connection, before);
  const auto put = [&](const char* tenant, const char* env, const char* providers, int autonomy, const char* actions) {
    open.tx.run("INSERT INTO kill_switches VALUES (?1, ?2, ?3, ?4, ?5, 'an incident', 99, 7, 42, 'u_ann')", tenant, env,
                providers, autonomy, actions);
  };
  put("t_a", "dev", R"(["openai ","other"])", 1, R"(["*","raw_presign"])");
  put("t_a", "prod", "[]", 0, "[]");
  put("t_system", "dev", "[]", 0, R"(["*"])");
  put("t_system", "prod", "[]", 0, "[]");
  migrate(open.connection, all);

  const auto kept = find_kill_switches(open.tx, {.tenant = "t_a", .env = "dev"});
  REQUIRE(kept);
  CHECK(kept->version == 7);
  CHECK(kept->reason == "an incident");
  CHECK(kept->expires_at == 99);
  std::string entries;
  for (const auto& entry : kept->entries) {
    entries += std::string(to_string(entry.kind)) + ":" + entry.name + " ";
    CHECK(entry.ends_with_document);
    CHECK_FALSE(entry.reason);
    CHECK(entry.set_by == "u_ann");
    CHECK(entry.since == 42);
  }
  CHECK(entries == "action:* action:raw_presign autonomy: provider:openai provider:other ");
  CHECK(find_kill_switches(open.tx, {.tenant = "t_a", .env = "prod"})->entries.empty());
  for (const char* env : {"dev", "prod"}) {
    const auto cleared = find_kill_switches(open.tx, {.tenant = "t_system", .env = env});
    CHECK(cleared->entries.empty());
    CHECK_FALSE(cleared->reason);
    CHECK_FALSE(cleared->expires_at);
    CHECK(cleared->version == 8);
  }
  CHECK(find_meta(open.tx, "kill_switches_cleared") ==
        R"({"dev":{"disable_providers":[],"disable_autonomy":false,"disabled_actions":["*"],"reason":"an incident"}})");
  drop_meta(open.tx, "kill_switches_cleared");
  CHECK_FALSE(find_meta(open.tx, "kill_switches_cleared"));
}

TEST_CASE("a store whose t_system switched nothing off has nothing to tell") {
  Open open;
  migrate(open.connection, embedded_migrations());
  CHECK_FALSE(find_meta(open.tx, "kill_switches_cleared"));
}
