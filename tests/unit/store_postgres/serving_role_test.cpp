// The role that serves: it may do what serving takes, and cannot change what is in the audit log.
#include "store/postgres/serving_role.hpp"
#include "databases.hpp"

using namespace nexus::store;
using namespace nexus::store::test;
using Catch::Matchers::ContainsSubstring;

namespace {

/// A database whose owner prepared it, and the role that serves with it.
struct WithRole {
  WithRole() {
    Link owner(made.link());
    owner.execute("DROP ROLE IF EXISTS serving; CREATE ROLE serving LOGIN");
    migrate(owner, postgres_migrations());
    grant_serving(owner, "serving");
  }
  ~WithRole() { Link(made.link()).execute("DROP OWNED BY serving; DROP ROLE serving"); }

  LinkOptions as(const std::string& role) const {
    std::string url = made.link().url;
    url.replace(url.find("nexus@"), 6, role + "@");
    return {.url = url};
  }
  PostgresOptions options() const {
    PostgresOptions options = made.options();
    options.link = as("serving");
    return options;
  }

  NewDatabase made;
};

/// Whether the statement is refused for want of a right, and changes nothing.
bool is_forbidden(const LinkOptions& who, const std::string& sql) {
  Link link(who);
  try {
    link.execute("BEGIN; " + sql + "; ROLLBACK");
    return false;
  } catch (const Error& error) {
    UNSCOPED_INFO(error.what());
    return std::string_view(error.what()).find("42501") != std::string_view::npos;
  }
}

constexpr const char* kRewrites[] = {
    "UPDATE audit_rows SET hash = 'x'",
    "UPDATE audit_rows SET body = '{}', details = NULL",
    "DELETE FROM audit_rows",
    "TRUNCATE audit_rows",
    "DROP TABLE audit_rows",
    "ALTER TABLE audit_rows DISABLE TRIGGER ALL",
    "CREATE TABLE more (i bigint)",
    "UPDATE schema_migrations SET version = 1",
    "CREATE OR REPLACE FUNCTION instr(text, text) RETURNS bigint LANGUAGE sql AS 'SELECT 1'"};

}  // namespace

TEST_CASE("a role that was prepared serves, erases, and cannot rewrite the audit log") {
  const WithRole prepared;
  PostgresDatabase database(prepared.options());
  CHECK(database.migrated().version_before == database.migrated().version_after);
  const auto done = database.writer().run(
      [](Tx& tx) {
        append_row(tx, kDev);
        append_row(tx, kDev);
        erase_audit_details(tx, kDev, 1);
      },
      Realms().add(kDev));
  CHECK(done.outcome == Outcome::applied);
  for (const char* sql : kRewrites) {
    INFO(sql);
    CHECK(is_forbidden(prepared.as("serving"), sql));
  }
  // The control: the owner can.
  for (const char* sql : {kRewrites[0], kRewrites[2], kRewrites[3], kRewrites[6]}) {
    INFO(sql);
    CHECK_FALSE(is_forbidden(prepared.made.link(), sql));
  }
  const RoleRights rights = read_rights(database.read().reader());
  CHECK(rights.role == "serving");
  CHECK(text_of(rights.audit_ways).empty());
  CHECK(rights.missing.empty());
}

TEST_CASE("rights that are too many or too few are seen, and taken back or given by the next preparation") {
  const WithRole prepared;
  Link owner(prepared.made.link());
  CHECK_FALSE(read_rights(OpenLink(prepared.made.link()).tx).audit_ways.empty());
  owner.execute("GRANT UPDATE (hash) ON audit_rows TO serving; REVOKE DELETE ON tickets FROM serving");
  const auto rights = [&] { return read_rights(OpenLink(prepared.as("serving")).tx); };
  CHECK_FALSE(rights().audit_ways.empty());
  CHECK(rights().missing == std::vector<std::string>{"DELETE on tickets"});
  grant_serving(owner, "serving");
  CHECK(rights().audit_ways.empty());
  CHECK(rights().missing.empty());
}

TEST_CASE("what must be migrated is refused to a role that may not, and the command is named") {
  const WithRole prepared;
  Link owner(prepared.made.link());
  owner.execute("DELETE FROM schema_migrations WHERE version = (SELECT max(version) FROM schema_migrations)");
  CHECK_THROWS_WITH(PostgresDatabase(prepared.options()),
                    ContainsSubstring("the database is older") &&
                        ContainsSubstring("run nexusd database prepare --role serving as the owner"));
  const NewDatabase empty;
  PostgresOptions options = prepared.options();
  options.link.url.replace(options.link.url.find(prepared.made.name()), prepared.made.name().size(), empty.name());
  CHECK_THROWS_WITH(PostgresDatabase(options), ContainsSubstring("run nexusd database prepare --role serving"));
}

TEST_CASE("a role that no grant binds, or that is not there, is not prepared") {
  const WithRole prepared;
  Link owner(prepared.made.link());
  CHECK_THROWS_WITH(grant_serving(owner, "nobody's"), ContainsSubstring("no role nobody's"));
  CHECK_THROWS_WITH(grant_serving(owner, "nexus"),
                    ContainsSubstring("no grant binds the role nexus: it is a superuser"));
  owner.execute("ALTER ROLE serving SUPERUSER");
  CHECK_THROWS_WITH(grant_serving(owner, "serving"), ContainsSubstring("ALTER ROLE serving NOSUPERUSER"));
}

TEST_CASE("a role that can change audit rows all the same is told by which way, and the remedy takes it away") {
  const WithRole prepared;
  Link owner(prepared.made.link());
  struct Case {
    std::string give, way, remedy, clean_up;
    std::string rewrite = "DELETE FROM audit_rows";
  };
  const std::string between = "CREATE ROLE \"Between\" NOINHERIT; GRANT \"Between\" TO serving; ";
  const std::string gone = "DROP OWNED BY \"Between\"; DROP ROLE \"Between\"";
  const Case cases[] = {
      {"GRANT DELETE, TRUNCATE ON audit_rows TO PUBLIC", "it has, as PUBLIC, DELETE, TRUNCATE on audit_rows",
       "REVOKE DELETE, TRUNCATE ON audit_rows FROM PUBLIC", ""},
      {"GRANT UPDATE (hash) ON audit_rows TO PUBLIC", "it has, as PUBLIC, UPDATE (hash) on",
       "REVOKE UPDATE (hash) ON audit_rows FROM PUBLIC", "", "UPDATE audit_rows SET hash = 'x'"},
      {between + "GRANT TRUNCATE ON audit_rows TO \"Between\"", "it is a member of Between, which was granted",
       "REVOKE \"Between\" FROM serving", gone, "SET LOCAL ROLE \"Between\"; TRUNCATE audit_rows"},
      {between + "CREATE ROLE far; GRANT far TO \"Between\"; GRANT DELETE ON audit_rows TO far; "
                 "ALTER ROLE serving NOINHERIT",
       "it is a member of Between, and so of far, which was granted", "REVOKE \"Between\" FROM serving",
       gone + "; DROP OWNED BY far; DROP ROLE far; ALTER ROLE serving INHERIT",
       "SET LOCAL ROLE far; DELETE FROM audit_rows"},
      {"GRANT pg_write_all_data TO serving", "it is a member of pg_write_all_data, which may write everywhere",
       "REVOKE pg_write_all_data FROM serving", ""},
      {"CREATE ROLE giver; GRANT DELETE ON audit_rows TO giver WITH GRANT OPTION; SET ROLE giver; "
       "GRANT DELETE ON audit_rows TO serving; RESET ROLE",
       "it was granted DELETE on audit_rows", "SET ROLE giver; REVOKE DELETE ON audit_rows FROM serving; RESET ROLE",
       "DROP OWNED BY giver; DROP ROLE giver"},
      {"ALTER SCHEMA public OWNER TO serving", "it owns the schema public", "ALTER SCHEMA public OWNER TO nexus", "",
       "DROP TABLE audit_rows"},
  };
  for (const Case& each : cases) {
    INFO(each.give);
    owner.execute(each.give);
    CHECK_FALSE(is_forbidden(prepared.as("serving"), each.rewrite));  // the control: the way is one
    CHECK_THROWS_WITH(grant_serving(owner, "serving"),
                      ContainsSubstring("can change or delete audit rows all the same: " + each.way) &&
                          ContainsSubstring("(" + each.remedy + ")"));
    owner.execute(each.remedy);
    CHECK_NOTHROW(grant_serving(owner, "serving"));
    CHECK(is_forbidden(prepared.as("serving"), each.rewrite));
    if (!each.clean_up.empty()) owner.execute(each.clean_up);
  }
}
