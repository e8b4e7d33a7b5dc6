// Settings read back, and files that must not be opened.
#include <fstream>
#include <map>

#include "support.hpp"
#include "tests/catch.hpp"

using namespace nexus::store;
using namespace nexus::store::test;

namespace {
void expect_refusal(const std::filesystem::path& path, const std::string& part) {
  try {
    SqliteDatabase database({.path = path, .migrations = kNotes});
    FAIL("opened " << path);
  } catch (const SchemaError& error) {
    CHECK_THAT(error.what(), Catch::Matchers::ContainsSubstring(part));
    CHECK_THAT(error.what(), Catch::Matchers::ContainsSubstring(path.string()));
  }
}

/// What the connection says of the same names.
std::map<std::string, std::string> settings_of(const Reader& reader, std::map<std::string, std::string> settings) {
  for (auto& [name, value] : settings) {
    Query query = reader.query("PRAGMA " + name);
    value = query.next() ? query.text(0) : "0";  // a build without mmap answers nothing
  }
  return settings;
}

std::string read_all(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}
}  // namespace

TEST_CASE("every setting is read back from the open connections, of a new file and of one that exists") {
  const Scratch scratch;
  const std::map<std::string, std::string> expected = {
      {"page_size", "4096"}, {"auto_vacuum", "0"},        {"application_id", "1314411859"},
      {"user_version", "1"}, {"encoding", "UTF-8"},       {"journal_mode", "wal"},
      {"synchronous", "2"},  {"wal_autocheckpoint", "0"}, {"journal_size_limit", "67108864"},
      {"foreign_keys", "1"}, {"trusted_schema", "0"},     {"cell_size_check", "1"},
      {"temp_store", "2"},   {"secure_delete", "2"},      {"mmap_size", "0"}};
  const std::map<std::string, std::string> writers = {
      {"busy_timeout", "5000"}, {"cache_size", "-65536"}, {"query_only", "0"}};
  const std::map<std::string, std::string> readers = {
      {"busy_timeout", "1000"}, {"cache_size", "-16384"}, {"query_only", "1"}};
  for (int opened = 0; opened < 2; ++opened) {
    SqliteDatabase database(notes_options(scratch));
    auto lease = database.read();
    CHECK(settings_of(lease.reader(), expected) == expected);
    CHECK(settings_of(lease.reader(), readers) == readers);
    database.writer().apply([&](Tx& tx) {
      CHECK(settings_of(tx, expected) == expected);
      CHECK(settings_of(tx, writers) == writers);
    });
  }
}

TEST_CASE("no statement changes the schema's own table") {
  const Scratch scratch;
  Connection connection({.path = scratch.database()});
  connection.execute("CREATE TABLE t(id INTEGER PRIMARY KEY) STRICT; PRAGMA writable_schema=ON");
  CHECK_THROWS_AS(connection.execute("DELETE FROM sqlite_schema"), Error);
}

TEST_CASE("another program's database is refused and left as it is") {
  const Scratch scratch;
  {
    // Made as another program would, then given another id.
    Connection connection({.path = scratch.database()});
    connection.execute("PRAGMA journal_mode=DELETE; PRAGMA application_id=1; CREATE TABLE theirs(x)");
  }
  const std::string before = read_all(scratch.database());
  expect_refusal(scratch.database(), "another program");
  CHECK(read_all(scratch.database()) == before);
}

TEST_CASE("a database with tables and no application id is another program's") {
  const Scratch scratch;
  {
    Connection connection({.path = scratch.database()});
    connection.execute("PRAGMA application_id=0; CREATE TABLE theirs(x)");
  }
  expect_refusal(scratch.database(), "another program");
}

TEST_CASE("a file that is no database is refused by name") {
  const Scratch scratch;
  std::ofstream(scratch.database()) << std::string(8192, 'x');
  expect_refusal(scratch.database(), "damaged or no database");
}

TEST_CASE("a flipped page is found at start and the file refused by name") {
  const Scratch scratch;
  {
    SqliteDatabase database(notes_options(scratch));
    database.writer().apply([](Tx& tx) {
      for (int id = 1; id <= 2000; ++id) add_note(tx, id);
    });
  }
  const auto pages = std::filesystem::file_size(scratch.database()) / 4096;
  std::fstream file(scratch.database(), std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>((pages / 2) * 4096));
  file << std::string(64, '\xFF');
  file.close();
  expect_refusal(scratch.database(), "damaged");
}

TEST_CASE("a reader opens no file that is not there") {
  const Scratch scratch;
  CHECK_THROWS_AS(Readers({.path = scratch.database()}, 1, {}), Error);
  CHECK_FALSE(std::filesystem::exists(scratch.database()));
}

TEST_CASE("the limits of the library stand") {
  const Scratch scratch;
  Connection connection({.path = scratch.database()});
  Tx tx(connection);
  CHECK_THROWS_AS(tx.run("ATTACH ?1 AS other", (scratch.path() / "other.db").string()), Error);
  CHECK_THROWS_AS(tx.query("SELECT ?1", std::string((16 << 20) + 1, 'x')), Error);
  CHECK_THROWS_AS(tx.query("SELECT \"not a column\""), Error);
}
