// Old data directories go on: each migration since the last build is tried on a store that went through every route
// there, and on what a power cut left half-way.
#include "tests/support/old_installation.hpp"

#include "fault_vfs.hpp"
#include "support.hpp"
#include "tests/catch.hpp"

using namespace nexus::store;
using namespace nexus::store::test;
using nexus::test::kOldSchema;

namespace {

std::int64_t number(const Reader& reader, const char* sql) {
  Query query = reader.query(sql);
  REQUIRE(query.next());
  return query.integer(0);
}

/// What no migration may lose.
std::string contents(const Reader& reader) {
  std::string out;
  for (const auto& count :
       {number(reader, "SELECT count(*) FROM audit_rows"), number(reader, "SELECT count(*) FROM cards"),
        number(reader, "SELECT count(*) FROM events"), number(reader, "SELECT count(*) FROM memberships"),
        number(reader, "SELECT count(*) FROM tokens"), number(reader, "SELECT count(*) FROM raw_assets"),
        number(reader, "SELECT count(*) FROM strategy_locks")})
    out += std::to_string(count) + " ";
  return out;
}

/// A fresh copy of the old store.
struct Old {
  Scratch scratch;
  Old() {
    nexus::test::unpack_old_installation(scratch.path());
    std::filesystem::copy(scratch.path() / "data" / "nexus.db", scratch.database());
  }
};

std::string contents_of(const Old& old) {
  Connection connection({.path = old.scratch.database(), .read_only = true});
  return contents(Reader(connection));
}

}  // namespace

TEST_CASE("each migration since the last build takes its store on, alone and with those behind it") {
  const auto migrations = embedded_migrations();
  REQUIRE(migrations.size() > kOldSchema);
  for (std::size_t count = kOldSchema + 1; count <= migrations.size(); ++count) {
    INFO("migration " << count);
    const Old old;
    const std::string before = contents_of(old);
    Connection connection({.path = old.scratch.database()});
    const auto one = migrate(connection, migrations.first(count));
    CHECK(one.version_before == kOldSchema);
    CHECK(one.version_after == static_cast<int>(count));
    migrate(connection, migrations);
    CHECK(find_damage(connection, true).empty());
    CHECK(contents(Reader(connection)) == before);
  }
}

TEST_CASE("the index of an old store goes on behind its last card, and leaves merging to what is added") {
  const Old old;
  Connection connection({.path = old.scratch.database()});
  migrate(connection, embedded_migrations());
  const Reader reader(connection);
  const std::int64_t last = number(reader, "SELECT max(rowid) / 1048576 FROM card_index");
  CHECK(last > 0);
  CHECK(number(reader, "SELECT number FROM card_index_state") == last);
  CHECK(number(reader, "SELECT v FROM card_index_config WHERE k = 'automerge'") == 0);
  CHECK(number(reader, "SELECT count(*) FROM card_index_notes") == 0);
}

TEST_CASE("a power cut in the middle of the migrations leaves the old store or the new one, whole") {
  const auto migrations = embedded_migrations();
  const int newest = static_cast<int>(migrations.size());
  std::mt19937_64 random(1);
  int cuts = 0, left_old = 0, left_new = 0;
  std::int64_t at = 1;
  for (bool struck = true; struck; at += 1 + at / 8) {
    const Old old;
    const std::string before = contents_of(old);
    FaultVfs vfs;
    try {
      Connection connection({.path = old.scratch.database(), .vfs = vfs.name()});
      vfs.arm({.kind = FaultKind::power_cut, .at = at});
      migrate(connection, migrations);
    } catch (const std::exception&) {
    }
    struck = vfs.has_struck();
    if (!struck) vfs.cut_power();  // behind the last operation: the new store is there
    vfs.power_on(random);
    ++cuts;
    INFO("the cut at operation " << at);
    Connection connection({.path = old.scratch.database()});
    const auto version = number(Reader(connection), "PRAGMA user_version");
    CHECK((version == kOldSchema || version == newest));
    CHECK((struck || version == newest));
    ++(version == newest ? left_new : left_old);
    CHECK(find_damage(connection, true).empty());
    CHECK(migrate(connection, migrations).version_after == newest);
    CHECK(contents(Reader(connection)) == before);
  }
  CHECK(cuts > 10);
  CHECK(left_old > 0);  // else no cut came in time, and the test saw nothing
  CHECK(left_new > 0);
}
