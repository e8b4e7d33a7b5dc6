// Where the store is: which addresses are taken, who must say what with them, and that no password is ever shown.
#include "daemon/base/database_address.hpp"
#include "daemon/config/explain.hpp"
#include "daemon/config/shown.hpp"
#include "tests/catch.hpp"
#include "tests/unit/config/sources.hpp"

using namespace nexus;
using Catch::Matchers::ContainsSubstring;
using test::sources;

namespace {

using Flags = std::multimap<std::string, std::string>;
using Environment = std::map<std::string, std::string>;

std::string fault_of(const ConfigSources& from) {
  try {
    resolve(from);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return {};
}

/// A daemon of --dev, which needs no S3.
Flags dev(Flags more) {
  more.emplace("dev", "true");
  return more;
}

Config with(const std::string& address) { return resolve(sources(dev({{"database", address}}))).config; }

constexpr const char* kWithPassword[] = {
    "postgresql://ann:hunter2@host/nexus",
    "postgres://ann:hunter2@host",
    "postgresql://ann:a?hunter2@host/nexus",
    "postgresql://ann:p@hunter2@host/nexus",
    "postgresql://host/nexus?password=hunter2",
    "postgresql://host/nexus?sslmode=require&password=hunter2&user=ann",
    "postgresql://host/nexus?sslpassword=hunter2",
    "postgresql://host/nexus?p%61ssword=hunter2",
    "service=nexus password=hunter2",
    "service=nexus password = 'a b\\' hunter2' user=ann",
    "service=nexus sslpassword=hunter2",
};

}  // namespace

TEST_CASE("without an address the store is the file of the data directory", "[config]") {
  CHECK_FALSE(resolve(sources()).config.uses_postgres());
  CHECK_FALSE(resolve(sources({{"database", ""}})).config.uses_postgres());
  for (const char* own : {"sqlite:", "sqlite:/srv/nexus/nexus.db", "sqlite:/srv/nexus/./nexus.db"})
    CHECK_FALSE(resolve(sources({{"data-dir", "/srv/nexus"}, {"database", own}})).config.uses_postgres());
  for (const char* other : {"sqlite:/srv/other/nexus.db", "sqlite:nexus.db", "sqlite:/srv/nexus/other.db"})
    CHECK_THAT(fault_of(sources({{"data-dir", "/srv/nexus"}, {"database", other}})),
               ContainsSubstring("name the directory with --data-dir"));
}

TEST_CASE("an address of PostgreSQL is taken as it stands, of any source", "[config]") {
  for (const char* address :
       {"postgresql://host/nexus", "postgres://ann@one:5432,two/nexus?target_session_attrs=read-write",
        "postgresql:///nexus?host=/run/postgresql&user=nexus", "service=nexus", "service=nexus dbname=other"}) {
    INFO(address);
    CHECK(with(address).database == address);
    CHECK(with(address).uses_postgres());
  }
  const test::File file("database = \"service=one\"\ndatabase_password_file = \"/etc/nexus/pg\"\n");
  auto from = sources({{"dev", "true"}});
  from.file = file.path();
  CHECK(resolve(from).config.database == "service=one");
  CHECK(resolve(from).config.database_password_file == "/etc/nexus/pg");
  from.environment["NEXUSD_DATABASE"] = "service=two";
  CHECK(resolve(from).config.database == "service=two");
}

TEST_CASE("what is no address is refused, and not shown", "[config]") {
  for (const char* bad : {"mysql://hunter2@host", "postgresql:/ann:hunter2@host", "host=h password=hunter2", "hunter2",
                          "postgresql://host/a\nhunter2", "postgresql"}) {
    INFO(bad);
    const std::string said = fault_of(sources(dev({{"database", bad}})));
    CHECK_THAT(said, ContainsSubstring("database (--database) must be postgresql://HOST/DATABASE"));
    CHECK(said.find("hunter2") == std::string::npos);
  }
}

TEST_CASE("a password is refused on the command line, and taken of variables and files", "[config]") {
  for (const char* address : kWithPassword) {
    INFO(address);
    CHECK(holds_password(address));
    const std::string said = fault_of(sources(dev({{"database", address}})));
    CHECK_THAT(said, ContainsSubstring("database (--database) holds a password"));
    CHECK_THAT(said, ContainsSubstring("--database-password-file, ~/.pgpass, PGPASSFILE or a service file"));
    CHECK(said.find("hunter2") == std::string::npos);
    CHECK(resolve(sources(dev({}), {{"NEXUSD_DATABASE", address}})).config.database == address);
    CHECK_THAT(fault_of(sources(dev({{"database-password-file", "/etc/nexus/pg"}}), {{"NEXUSD_DATABASE", address}})),
               ContainsSubstring("exclude each other"));
  }
  for (const char* address :
       {"postgresql://host:5432/nexus", "postgresql://ann@host/a:b@c", "postgresql://host/nexus?passfile=/etc/p",
        "postgresql://[::1]:5432/nexus", "service=nexus passfile=/etc/password", "postgresql:///nexus?user=ann"}) {
    INFO(address);
    CHECK_FALSE(holds_password(address));
  }
}

TEST_CASE("no password is shown, nor where a configuration is explained", "[config]") {
  for (const char* address : kWithPassword) {
    INFO(address);
    CHECK(shown_value(address).find("hunter2") == std::string::npos);
    CHECK_THAT(shown_value(address), ContainsSubstring("***"));
    const auto from = sources(dev({}), {{"NEXUSD_DATABASE", address}});
    const ConfigText all = explain_config(from), one = explain_config(from, "database");
    const std::string told = all.text + all.fault + one.text + one.fault + explain_environment(from).text;
    CHECK(told.find("hunter2") == std::string::npos);
  }
  CHECK(shown_value("postgresql://ann:x@one,two/nexus?password=y&sslmode=require") ==
        "postgresql://***@one,two/nexus?password=***&sslmode=require");
  CHECK(shown_value("service=nexus user=ann password = x y") == "service=nexus user=ann password =***");
  CHECK(shown_value("postgresql:/ann:x@host") == "postgresql:/***@host");
  for (const char* plain : {"postgresql://host/nexus?sslmode=require", "service=nexus", "postgres", "/etc/password=x"})
    CHECK(shown_value(plain) == plain);
}

TEST_CASE("a standby is required of a server alone", "[config]") {
  const Environment required{{"NEXUSD_STORE_REQUIRE_SYNC", "true"}};
  CHECK(resolve(sources(dev({{"database", "service=nexus"}}), required)).config.require_sync);
  CHECK_FALSE(resolve(sources(dev({{"database", "service=nexus"}}))).config.require_sync);
  CHECK_THAT(fault_of(sources(dev({}), required)), ContainsSubstring("is on, and a file has no standby"));
}

TEST_CASE("daemons that share a database need S3, but for --dev", "[config]") {
  const Flags shared{{"database", "service=nexus"}};
  CHECK_THAT(fault_of(sources(shared)),
             ContainsSubstring("blobs (default) is local, and daemons that share a database"));
  Flags s3 = shared;
  s3.insert(
      {{"blobs", "s3"}, {"s3-endpoint", "https://s3"}, {"s3-access-key-file", "/a"}, {"s3-secret-key-file", "/b"}});
  CHECK(fault_of(sources(s3)).empty());
  CHECK(fault_of(sources(dev(shared))).empty());
  CHECK_THAT(fault_of(sources({{"database-password-file", "/etc/nexus/pg"}})),
             ContainsSubstring("belongs to a database of PostgreSQL"));
}
