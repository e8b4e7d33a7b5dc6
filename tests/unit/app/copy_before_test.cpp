// The copy before a migration rewrites rows, on the installation that the build of schema 24 made.
#include <sys/stat.h>

#include "daemon/app/copy_before.hpp"
#include "store/rows.hpp"
#include "store/sqlite/copying.hpp"
#include "store/sqlite/migrations.hpp"
#include "tests/support/old_installation.hpp"
#include "tests/unit/app/restore_support.hpp"

namespace nexus::test {
namespace {

std::vector<std::string> copies_in(const fs::path& data) {
  std::vector<std::string> names;
  for (const auto& each : fs::directory_iterator(data))
    if (each.path().filename().string().starts_with("nexus.db.")) names.push_back(each.path().filename().string());
  return names;
}

std::int64_t number_in(const fs::path& database, std::string_view sql) {
  const store::NoTrace trace(database);
  store::Connection connection({.path = database, .read_only = true});
  return store::integer_of(store::Reader(connection).query(sql));
}

std::int64_t schema_of(const fs::path& database) { return number_in(database, "PRAGMA user_version"); }

std::int64_t rows_of(const fs::path& database) { return number_in(database, "SELECT count(*) FROM audit_rows"); }

struct Old {
  Old() {
    unpack_old_installation(directory.path());
    fs::permissions(data, fs::perms::owner_all);
  }
  TemporaryDirectory directory;
  const fs::path data = directory.path() / "data";
};

}  // namespace

TEST_CASE("migrations that change rows are known by their SQL", "[migration]") {
  std::vector<int> rewriting;
  for (const auto& migration : store::embedded_migrations().first(44))
    if (store::rewrites_rows(migration.sql)) rewriting.push_back(migration.version);
  CHECK(rewriting == std::vector<int>{23, 27, 28, 29, 34, 37, 44});
}

TEST_CASE("what rewrites rows, and what does not", "[migration]") {
  CHECK(store::rewrites_rows("-- a\nUPDATE a SET b = 1;"));
  CHECK(store::rewrites_rows("CREATE TABLE b (c);\n  delete\nfrom a;"));
  CHECK(store::rewrites_rows("INSERT INTO b (c) SELECT c FROM a;"));
  CHECK(store::rewrites_rows("ALTER TABLE a DROP COLUMN b;"));
  CHECK(store::rewrites_rows("DROP TABLE a;"));
  CHECK(store::rewrites_rows("CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b; END; UPDATE a SET b = 1;"));
  CHECK_FALSE(store::rewrites_rows("CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE b SET c = 1; DELETE FROM d; END;"));
  CHECK_FALSE(store::rewrites_rows("-- UPDATE a;\nINSERT INTO a (b) VALUES ('; DELETE FROM a');"));
  CHECK_FALSE(store::rewrites_rows("ALTER TABLE a ADD COLUMN b TEXT; DROP INDEX c; CREATE TABLE d (e);"));
}

TEST_CASE("the start copies the old database before it rewrites rows, once", "[migration]") {
  const Old old;
  const std::int64_t rows = rows_of(old.data / "nexus.db");
  { app::Installation installation({.data_dir = old.data}); }
  CHECK(copies_in(old.data) == std::vector<std::string>{"nexus.db.before-0025"});
  const fs::path copy = old.data / "nexus.db.before-0025";
  CHECK(schema_of(copy) == kOldSchema);
  CHECK(schema_of(old.data / "nexus.db") > kOldSchema);
  CHECK((fs::status(copy).permissions() & fs::perms::all) == (fs::perms::owner_read | fs::perms::owner_write));
  store::Connection copied({.path = copy, .read_only = true, .offline = true});
  CHECK(store::find_damage(copied, true).empty());
  CHECK(rows_of(copy) == rows);
  const auto made_at = fs::last_write_time(copy);
  { app::Installation installation({.data_dir = old.data}); }
  CHECK(fs::last_write_time(copy) == made_at);
}

TEST_CASE("the copy is a store of its own: it starts as the database", "[migration]") {
  const Old old;
  { app::Installation installation({.data_dir = old.data}); }
  fs::rename(old.data / "nexus.db.before-0025", old.data / "nexus.db");
  app::Installation again({.data_dir = old.data});
  CHECK_FALSE(again.lost_its_log());
  CHECK(again.store().schema_before == kOldSchema);
}

TEST_CASE("only the newest copy stays", "[migration]") {
  const Old old;
  write_text(old.data / "nexus.db.before-0007", "older");
  { app::Installation installation({.data_dir = old.data}); }
  CHECK(copies_in(old.data) == std::vector<std::string>{"nexus.db.before-0025"});
}

TEST_CASE("without a wish for copies none is made, and a new store needs none", "[migration]") {
  const Old old;
  { app::Installation installation({.data_dir = old.data, .copies = false}); }
  CHECK(copies_in(old.data).empty());
  const Stores stores;
  CHECK(copies_in(stores.data()).empty());
}

TEST_CASE("where the disk has no space for the copy, nothing is changed", "[migration]") {
  const Old old;
  const std::string before = text_of(old.data / "nexus.db");
  try {
    app::copy_before_migration(old.data, 1000);
    FAIL("no copy fits into 1000 bytes");
  } catch (const std::runtime_error& refused) {
    CHECK(std::string(refused.what()).find("--no-copy") != std::string::npos);
  }
  CHECK(text_of(old.data / "nexus.db") == before);
  CHECK(copies_in(old.data).empty());
}

TEST_CASE("what was only in the log is in the copy", "[migration]") {
  const Old old;
  const fs::path killed = old.directory.path() / "killed";
  {
    store::Connection writer({.path = old.data / "nexus.db"});
    store::Tx(writer).run("UPDATE tenants SET name = 'in the log' WHERE tenant_id = 't_system'");
    fs::copy(old.data, killed, fs::copy_options::recursive);  // as a crash leaves it
  }
  fs::permissions(killed, fs::perms::owner_all);
  fs::remove(killed / "nexus.db-shm");
  REQUIRE(fs::exists(killed / "nexus.db-wal"));
  const fs::path copy = app::copy_before_migration(killed, UINTMAX_MAX);
  store::Connection copied({.path = copy, .read_only = true, .offline = true});
  store::Query name = store::Reader(copied).query("SELECT name FROM tenants WHERE tenant_id = 't_system'");
  REQUIRE(name.next());
  CHECK(name.text(0) == "in the log");
}

}  // namespace nexus::test
