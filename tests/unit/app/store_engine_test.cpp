// Where the store of an installation is: which one a start takes, what it refuses, and what is absent where the store
// is no file.
#include <future>
#include <latch>

#include "daemon/app/backup_commands.hpp"
#include "daemon/app/doctor/examine.hpp"
#include "daemon/app/figures.hpp"
#include "daemon/app/installation.hpp"
#include "daemon/app/standing.hpp"
#include "daemon/backup/backups.hpp"
#include "daemon/config/resolve.hpp"
#include "store/identity.hpp"
#include "store/postgres/database.hpp"
#include "tests/catch.hpp"
#include "tests/support/daemon_process.hpp"
#include "tests/support/postgres_server.hpp"

namespace nexus::test {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

/// The address of a new, empty database.
std::string empty_database() {
  static PostgresServer server;
  static int made = 0;
  const std::string name = "engine_" + std::to_string(++made);
  store::Link({.url = server.url()}).execute("CREATE DATABASE " + name);
  return server.url(name);
}

/// What the act says as it refuses; empty when it does not.
std::string refusal_by(const std::function<void()>& act) {
  try {
    act();
  } catch (const std::exception& error) {
    return error.what();
  }
  return {};
}

std::size_t tables_of(const std::string& address) {
  std::size_t tables = 0;
  store::Link link({.url = address});
  store::PostgresSession session(link);
  auto rows = store::Reader(session).query("SELECT 1 FROM pg_tables WHERE schemaname = 'public'");
  while (rows.next()) ++tables;
  return tables;
}

/// A data directory and a database that belong together.
struct Site {
  TemporaryDirectory directory;
  std::string address = empty_database();
  std::filesystem::path data = directory.path() / "data";

  app::InstallationOptions options() const { return {.data_dir = data, .database = address}; }
  std::string refusal(app::InstallationOptions with) const {
    return refusal_by([&] { app::Installation installation(std::move(with)); });
  }
  Config config() const {
    Config config;
    config.data_dir = data;
    config.database = address;
    config.dev = true;
    return config;
  }
};

/// A store that says of itself what a test wants.
struct SayingDatabase : store::Database {
  std::string said;
  bool damaged = false;

  store::Lease read() override { throw std::logic_error("not read"); }
  store::Writer& writer() override { throw std::logic_error("not written"); }
  bool is_damaged() const override { return damaged; }
  std::string not_ready() const override { return said; }
};

std::vector<std::string> ids_of(const app::doctor::Findings& findings) {
  std::vector<std::string> ids;
  for (const auto& finding : findings.all()) {
    UNSCOPED_INFO(to_string(finding.severity) << " " << finding.id << ": " << finding.found);
    ids.push_back(finding.id);
  }
  return ids;
}

bool has(const std::vector<std::string>& ids, const std::string& id) { return std::ranges::find(ids, id) != ids.end(); }

}  // namespace

TEST_CASE("a store on a server is ready while it can be written, and strangers are told no more", "[engine]") {
  SayingDatabase database;
  auto check = app::server_check(database, "postgresql, server 15.1");
  CHECK(check.ok);
  CHECK(check.name == "database");
  CHECK(check.detail == "postgresql, server 15.1");
  database.said = "no server at 10.0.0.1";
  check = app::server_check(database, "postgresql, server 15.1");
  CHECK_FALSE(check.ok);
  CHECK(check.detail == "postgresql, server 15.1: no server at 10.0.0.1");
  CHECK(check.outside == "the database cannot be written now");
  database.said.clear();
  database.damaged = true;
  CHECK_FALSE(app::server_check(database, "postgresql").ok);
}

TEST_CASE("figures of files are told of a file alone", "[engine]") {
  const TemporaryDirectory directory;
  app::Installation installation({.data_dir = directory.path() / "data"});
  REQUIRE(installation.file() != nullptr);
  const auto page = [&](store::SqliteDatabase* file) {
    auto lease = installation.database().read();
    return app::figures_text({.file = app::file_figures(file), .lanes = {}, .checks = {}}, &lease.reader());
  };
  const std::string with = page(installation.file()), without = page(nullptr);
  for (const char* family : {"nexus_database_file_bytes", "nexus_wal_bytes", "nexus_wal_checkpoints_total"}) {
    CHECK_THAT(with, ContainsSubstring(family));
    CHECK_THAT(without, !ContainsSubstring(family));
  }
  CHECK_THAT(without, ContainsSubstring("nexus_audit_chains"));
}

TEST_CASE("a store on a server is neither backed up nor restored here: the tools for it are named", "[engine]") {
  const TemporaryDirectory directory;
  backup::Backups backups({.data_dir = directory.path(), .home = {}});
  try {
    backups.begin(true);
    FAIL("a backup was begun");
  } catch (const Problem& problem) {
    CHECK(info(problem.code).code == "backup.elsewhere");
    CHECK_THAT(problem.detail, ContainsSubstring("pg_basebackup") && ContainsSubstring("pg_dump"));
  }
  Config config;
  config.data_dir = directory.path();
  config.database = "service=nexus";
  const std::string made = refusal_by([&] { app::create_backup(config, {.target = "-"}); });
  CHECK_THAT(made, StartsWith("database (configuration)") && ContainsSubstring("pg_basebackup"));
  CHECK(refusal_by([&] { app::restore_from_backup(config, {.file = "-"}); }) == made);
}

TEST_CASE("an installation on PostgreSQL is made once, and found again", "[engine]") {
  const Site site;
  std::string id, token;
  {
    app::Installation installation(site.options());
    id = installation.instance_id();
    token = installation.root_token_sha256();
    CHECK(installation.file() == nullptr);
    CHECK_THAT(installation.store().engine, StartsWith("postgresql, server "));
    CHECK(installation.store().schema_before == 0);
    CHECK(installation.directory().find_replaced().empty());
    CHECK_FALSE(std::filesystem::exists(site.data / "nexus.db"));
  }
  app::Installation installation(site.options());
  CHECK(installation.instance_id() == id);
  CHECK(installation.root_token_sha256() == token);
  CHECK(installation.store().schema_before == installation.store().schema_after);
}

TEST_CASE("daemons that begin at once make one installation, and its system token stands in one directory",
          "[engine]") {
  for (int round = 0; round < 8; ++round) {
    const Site first;
    { store::PostgresDatabase migrated({.link = {.url = first.address}}); }  // for this, one would wait for the other
    const TemporaryDirectory other;
    struct Begun {
      std::string id, token;
      bool has_token = false;
    };
    const auto begin = [&](const std::filesystem::path& data) {
      const app::Installation installation({.data_dir = data, .database = first.address});
      return Begun{installation.instance_id(), installation.root_token_sha256(),
                   std::filesystem::exists(installation.directory().root_token())};
    };
    std::latch both(2);
    const auto wait_and_begin = [&](const std::filesystem::path& data) {
      both.arrive_and_wait();
      return begin(data);
    };
    auto one = std::async(std::launch::async, wait_and_begin, first.data);
    auto two = std::async(std::launch::async, wait_and_begin, other.path() / "data");
    const Begun left = one.get(), right = two.get();
    CHECK(left.id == right.id);
    CHECK(left.token == right.token);
    CHECK(left.has_token != right.has_token);
    CHECK(begin(first.data).token == left.token);
  }
}

TEST_CASE("what is not meant is refused before anything is made in the database", "[engine]") {
  const Site site;
  app::InstallationOptions beside = site.options();
  beside.may_found = false;
  CHECK_THAT(site.refusal(beside), StartsWith("data-dir (configuration) is ") && ContainsSubstring("no installation"));
  std::filesystem::create_directories(site.data / "keys");
  std::filesystem::permissions(site.data, std::filesystem::perms::owner_all);
  std::filesystem::permissions(site.data / "keys", std::filesystem::perms::owner_all);
  CHECK_THAT(site.refusal(beside),
             StartsWith("database (configuration) is postgresql://") && ContainsSubstring("where no installation is"));
  { app::Installation file({.data_dir = site.data}); }
  CHECK_THAT(site.refusal(site.options()), ContainsSubstring("nexus.db is the store of another installation"));
  CHECK(tables_of(site.address) == 0);
}

TEST_CASE("--dev takes a database that it made, and no other", "[engine]") {
  const Site production, development;
  { app::Installation installation(production.options()); }
  app::InstallationOptions wrong = production.options();
  wrong.development = true;
  CHECK_THAT(production.refusal(wrong), ContainsSubstring("which --dev did not make"));
  app::InstallationOptions right = development.options();
  right.development = true;
  CHECK(development.refusal(right).empty());
  CHECK(development.refusal(right).empty());
}

TEST_CASE("a password file that others may open stops the start", "[engine]") {
  const Site site;
  app::InstallationOptions options = site.options();
  options.database_password_file = site.directory.path() / "password";
  std::ofstream(options.database_password_file) << "secret\n";
  std::filesystem::permissions(options.database_password_file, std::filesystem::perms(0644));
  CHECK_THAT(site.refusal(options), StartsWith("database-password-file (configuration) others may open the file"));
  std::filesystem::permissions(options.database_password_file, std::filesystem::perms(0600));
  CHECK(site.refusal(options).empty());
}

TEST_CASE("an examination asks the server, and no file of a database", "[engine][doctor]") {
  const Site site;
  { app::Installation installation(site.options()); }
  const auto examined = app::doctor::examine(site.config(), {});
  const auto ids = ids_of(examined);
  for (const char* id : {"database.server", "schema.version", "audit.heads", "backup.elsewhere", "lock.holder",
                         "database.replication", "database.fsync", "database.daemons", "database.connections",
                         "database.collation", "database.role", "clock.server"}) {
    INFO(id);
    CHECK(has(ids, id));
  }
  for (const char* id : {"database.sound", "log.whole", "log.size", "disk.free", "database.unreachable",
                         "database.rights", "database.timeouts", "database.standing"}) {
    INFO(id);
    CHECK_FALSE(has(ids, id));
  }
  CHECK_FALSE(app::doctor::check_installation(site.config()).found_fault());

  store::Link link({.url = site.address});
  link.execute("ALTER DATABASE " +
               site.address.substr(site.address.find("/engine_") + 1,
                                   site.address.find('?') - site.address.find("/engine_") - 1) +
               " SET statement_timeout = 7000");
  link.execute("ALTER TABLE maybes ALTER COLUMN body TYPE text COLLATE \"POSIX\"");
  const auto spoilt = ids_of(app::doctor::examine(site.config(), {}));
  CHECK(has(spoilt, "database.timeouts"));
  Config elsewhere = site.config();
  elsewhere.database = empty_database();
  CHECK(has(ids_of(app::doctor::check_installation(elsewhere)), "database.empty"));
  CHECK(tables_of(elsewhere.database) == 0);
  elsewhere.database = "postgresql:///nexus?host=/nowhere";
  CHECK(has(ids_of(app::doctor::check_installation(elsewhere)), "database.unreachable"));
}

}  // namespace nexus::test
