// What the tests of a whole daemon stand on: a database for each data directory, and the store seen beside the daemon.
#include "tests/support/opened_store.hpp"

#include <cstdlib>
#include <set>

#include "store/sqlite/connection.hpp"
#include "support.hpp"
#include "tests/support/databases.hpp"

using namespace nexus::store;
using namespace nexus::store::test;
using nexus::test::database_of;
using nexus::test::OpenedStore;
using nexus::test::TemporaryDirectory;

namespace {

/// The rest of the process tests with this engine.
struct WithEngine {
  explicit WithEngine(const char* engine) { ::setenv("NEXUS_TEST_STORE", engine, 1); }
  ~WithEngine() { ::unsetenv("NEXUS_TEST_STORE"); }
};

bool connects(const std::string& address) {
  try {
    Link({.url = address});
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

void look_and_change(const std::filesystem::path& data_dir) {
  OpenedStore store(data_dir);
  store.change([](Tx& tx) {
    tx.run("CREATE TABLE notes (id BIGINT PRIMARY KEY, note TEXT NOT NULL)");
    tx.run("INSERT INTO notes (id, note) VALUES (?1, ?2)", 7, "seven");
  });
  CHECK(integer_of(store.reader().query("SELECT id FROM notes WHERE note = ?1", "seven")) == 7);
  CHECK_THROWS_AS(store.change([](Tx& tx) {
    tx.run("DELETE FROM notes");
    throw std::runtime_error("no");
  }),
                  std::runtime_error);
  CHECK(integer_of(store.reader().query("SELECT count(*) FROM notes")) == 1);
  std::set<std::string> columns;
  for (const auto& [table, name] : store.columns())
    if (table == "notes") columns.insert(name);
  CHECK(columns == std::set<std::string>{"id", "note"});
  CHECK(integer_of(OpenedStore(data_dir).reader().query("SELECT count(*) FROM notes")) == 1);
}

}  // namespace

TEST_CASE("a data directory has the same database each time, until it goes") {
  const WithEngine engine("postgres");
  std::string first, second;
  {
    const TemporaryDirectory directory, other;
    first = database_of(directory.path() / "data");
    second = database_of(other.path());
    CHECK(first != second);
    CHECK(database_of(directory.path() / "data") == first);
    CHECK(database_of(directory.path() / "." / "data") == first);
    CHECK(database_of(directory.path()) != first);
    CHECK(connects(first));
    CHECK(connects(second));
  }
  CHECK_FALSE(connects(first));
  CHECK_FALSE(connects(second));
}

TEST_CASE("a database that was made before its directory is found by it") {
  const WithEngine engine("postgres");
  const TemporaryDirectory directory;
  const std::string address = database_of({});
  CHECK(database_of({}) != address);
  nexus::test::give_database(address, directory.path());
  CHECK(database_of(directory.path()) == address);
  const TemporaryDirectory other;
  nexus::test::give_database("postgresql://elsewhere", other.path());
  CHECK(database_of(other.path()) == "postgresql://elsewhere");
  const Link in_use({.url = address});
  nexus::test::drop_databases_in(directory.path());
  CHECK_FALSE(connects(address));
}

TEST_CASE("a store is looked at and changed, on PostgreSQL as in a file") {
  const TemporaryDirectory directory;
  for (const char* engine : {"postgres", "sqlite"}) {
    INFO(engine);
    const WithEngine chosen(engine);
    CHECK(database_of(directory.path()).empty() == (engine == std::string("sqlite")));
    CHECK(nexus::test::has_store(directory.path()) == (engine == std::string("postgres")));
    if (engine == std::string("sqlite")) Connection({.path = directory.path() / "nexus.db"}).execute("SELECT 1");
    look_and_change(directory.path());
    CHECK(nexus::test::has_store(directory.path()));
  }
}

TEST_CASE("an engine that is none is refused") {
  const WithEngine engine("postgre");
  CHECK_THROWS_AS(database_of({}), std::logic_error);
}
