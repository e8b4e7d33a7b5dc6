// What is remembered of every request's admission is what would be read now: after any change, also one that is rolled
// back. No table that it is read from can change without a new mark, and a lease whose snapshot is known asks nothing.
#include "daemon/guard/admission_facts.hpp"

#include <sqlite3.h>
#include <stdlib.h>

#include <filesystem>
#include <functional>
#include <random>
#include <set>

#include "daemon/gates/chain.hpp"
#include "store/admission.hpp"
#include "store/sqlite/database.hpp"
#include "tests/catch.hpp"

namespace nexus {
namespace {

constexpr std::string_view kUsers[] = {"u_ann", "u_bob"};
constexpr std::string_view kTenants[] = {"t_a", "t_b"};
constexpr std::string_view kTokens[] = {"tok_1", "tok_2", "tok_foreign"};
constexpr std::string_view kActions[] = {"card_get", "*"};

struct AdmissionScratch {
  AdmissionScratch() {
    std::string name = (std::filesystem::temp_directory_path() / "nexus-admission-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path = name;
  }
  ~AdmissionScratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::filesystem::path path;
};

void add_people(store::Tx& tx) {
  for (const auto tenant : kTenants)
    tx.run("INSERT INTO tenants (tenant_id, name, status, created_at, created_by) VALUES (?1, 'T', 'active', 1, 's')",
           tenant);
  for (const auto user : kUsers)
    tx.run("INSERT INTO users (user_id, created_at, created_by) VALUES (?1, 1, 's')", user);
  for (int i = 0; i < 2; ++i)
    tx.run(
        "INSERT INTO tokens (token_id, user_id, actor_type, created_at, created_by, expires_at) "
        "VALUES (?1, ?2, 'human', 1, 's', 9)",
        kTokens[i], kUsers[i]);
}

/// A migrated store with people in it, inside a transaction.
struct AdmissionWorld {
  AdmissionScratch scratch;
  store::Connection connection{{.path = scratch.path / "nexus.db"}};
  store::MigrationReport migrated = store::migrate(connection, store::embedded_migrations());
  store::Tx tx{connection};

  AdmissionWorld() {
    tx.run("BEGIN");
    add_people(tx);
  }
};

/// All that the facts say of all names that the test knows, as one text.
std::string told(const store::Reader& reader, Facts& facts) {
  const AdmissionFacts known(reader, facts);
  std::string out;
  for (const auto user : kUsers) {
    for (const auto token : kTokens) {
      const auto bearer = known.bearer(user, token);
      out += std::to_string(bearer.user_exists * 4 + bearer.token_known * 2 + bearer.token_revoked);
    }
    for (const auto tenant : kTenants) {
      const auto standing = known.standing(tenant, user);
      out += standing ? standing->status : "none";
      if (standing && standing->role) out += to_string(*standing->role);
    }
  }
  for (const auto tenant : kTenants) {
    const Realm realm{.tenant = tenant, .env = "dev"};
    for (const auto action : kActions) {
      const auto limit = known.rate_limit(realm, action);
      if (limit) out += "l" + std::to_string(limit->requests) + "/" + std::to_string(limit->window_seconds);
    }
    const auto document = known.kill_switches(realm);
    if (!*document) continue;
    out += "v" + std::to_string((*document)->version);
    for (const auto& entry : (*document)->entries) out += entry.name;
  }
  return out;
}

std::string told_afresh(const store::Reader& reader) {
  Facts nothing(0);
  return told(reader, nothing);
}

/// One change at random of something that decides whether a request is admitted.
void change_one(store::Tx& tx, std::minstd_rand& random) {
  const auto pick = [&random](const auto& names) { return names[random() % std::size(names)]; };
  const std::string_view tenant = pick(kTenants), user = pick(kUsers), token = pick(kTokens);
  const Realm realm{.tenant = tenant, .env = "dev"};
  switch (random() % 9) {
    case 0:
      return store::put_member(tx, {std::string(tenant), std::string(user), random() % 2 == 0 ? "owner" : "viewer", 1});
    case 1:
      return store::delete_member(tx, tenant, user);
    case 2:
      return store::revoke_token(tx, token, 5);
    case 3:
      tx.run("UPDATE tokens SET revoked_at = NULL WHERE token_id = ?1", token);
      return;
    case 4:
      return store::deny_token(tx, token, 5, 9);
    case 5:
      tx.run("DELETE FROM denied_tokens WHERE token_id = ?1", token);
      return;
    case 6:
      tx.run("UPDATE tenants SET status = ?2 WHERE tenant_id = ?1", tenant, random() % 2 == 0 ? "active" : "suspended");
      return;
    case 7:
      if (random() % 3 == 0) return store::delete_rate_limit(tx, realm, pick(kActions));
      return store::put_rate_limit(tx, realm, pick(kActions), {static_cast<std::int64_t>(random() % 50) + 1, 60}, 1,
                                   "u");
    default: {
      store::KillSwitches document;
      if (random() % 2 == 0) document.entries.push_back({store::SwitchEntry::Kind::action, "card_get"});
      document.version = static_cast<std::int64_t>(random() % 1000);
      return store::put_kill_switches(tx, realm, document);
    }
  }
}

// ---- tables --------------------------------------------------------------------------------------------------------

using Columns = std::set<std::pair<std::string, std::string>>;

int note_column(void* columns, int action, const char* table, const char* column, const char*, const char*) {
  if (action == SQLITE_READ) static_cast<Columns*>(columns)->emplace(table, column);
  return SQLITE_OK;
}

/// Whether each way to change the column draws a new mark.
bool is_marked(const store::Reader& reader, const std::string& table, const std::string& column) {
  std::set<std::string> events;
  auto triggers = reader.query("SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?1", table);
  while (triggers.next()) {
    const std::string sql = triggers.text(0);
    if (sql.find("UPDATE admission_mark SET mark = random()") == std::string::npos) continue;
    const std::string head = sql.substr(0, sql.find(" ON " + table));
    for (const char* event : {"INSERT", "DELETE"})
      if (head.ends_with(std::string("AFTER ") + event)) events.insert(event);
    const auto of = head.find("AFTER UPDATE OF ");
    if (head.ends_with("AFTER UPDATE") || (of != std::string::npos && head.find(column, of) != std::string::npos))
      events.insert("UPDATE");
  }
  return events.size() == 3;
}

}  // namespace

TEST_CASE("what is remembered of an admission equals a fresh reading, after changes and after rollbacks") {
  AdmissionWorld world;
  Facts facts(1 << 20);
  std::minstd_rand random(7);
  std::set<std::string> states;
  for (int step = 0; step < 600; ++step) {
    world.tx.run("SAVEPOINT step");
    for (auto changes = random() % 3; changes > 0; --changes) change_one(world.tx, random);
    REQUIRE(told(world.tx, facts) == told_afresh(world.tx));
    if (random() % 3 == 0) world.tx.run("ROLLBACK TO step");
    world.tx.run("RELEASE step");
    const std::string now = told(world.tx, facts);
    REQUIRE(now == told_afresh(world.tx));
    states.insert(now);
  }
  CHECK(states.size() > 100);  // the control: the changes were some
}

TEST_CASE("every column that an admission is judged by draws a new mark when it changes") {
  AdmissionWorld world;
  store::put_kill_switches(world.tx, {.tenant = kTenants[0], .env = "dev"}, {});  // else its entries are not read
  Columns columns;
  sqlite3_set_authorizer(world.connection.handle(), note_column, &columns);
  told_afresh(world.tx);
  sqlite3_set_authorizer(world.connection.handle(), nullptr, nullptr);
  std::set<std::string> tables;
  for (const auto& [table, column] : columns) {
    if (table == "admission_mark") continue;
    INFO(table << "." << column);
    tables.insert(table);
    CHECK(is_marked(world.tx, table, column));
  }
  CHECK(tables == std::set<std::string>{"users", "tokens", "denied_tokens", "tenants", "memberships", "rate_limits",
                                        "kill_switches", "kill_switch_entries"});
  CHECK_FALSE(is_marked(world.tx, "feature_flags", "version"));  // the controls
  CHECK_FALSE(is_marked(world.tx, "tokens", "last_used_at"));
}

TEST_CASE("the use of a token draws no new mark, and its revocation does") {
  AdmissionWorld world;
  const auto before = store::find_admission_mark(world.tx);
  REQUIRE(before);
  store::touch_token(world.tx, kTokens[0], 77);
  CHECK(store::find_admission_mark(world.tx) == before);
  store::revoke_token(world.tx, kTokens[0], 77);
  CHECK(store::find_admission_mark(world.tx) != before);
}

TEST_CASE("tenants that clients make up are not remembered") {
  AdmissionWorld world;
  Facts facts(1 << 20);
  const AdmissionFacts known(world.tx, facts);
  known.standing(kTenants[0], kUsers[0]);
  const std::size_t before = facts.bytes();
  CHECK(before > 0);  // the control
  for (int i = 0; i < 100; ++i) CHECK_FALSE(known.standing("t_" + std::to_string(i), kUsers[0]));
  CHECK(facts.bytes() == before);
}

TEST_CASE("what is remembered of admissions never takes more bytes than it may") {
  AdmissionWorld world;
  constexpr std::size_t bound = 64 * 1024;
  const auto remember = [&world](Facts& facts) {
    const AdmissionFacts known(world.tx, facts);
    for (int i = 0; i < 1000; ++i) known.bearer(kUsers[0], "token_" + std::to_string(i));
    return facts.bytes();
  };
  Facts unbounded(std::size_t{1} << 40), bounded(bound);
  CHECK(remember(unbounded) > 2 * bound);  // the control
  CHECK(remember(bounded) <= bound);
  CHECK(remember(bounded) > bound / 2);
}

// ---- statements ----------------------------------------------------------------------------------------------------

namespace {

int statements = 0;  // of all connections that were opened while they are counted

int count_statement(unsigned, void*, void*, void*) {
  ++statements;
  return 0;
}

int count_on(sqlite3* db, const char**, const void*) {
  return sqlite3_trace_v2(db, SQLITE_TRACE_STMT, count_statement, nullptr);
}

/// What a keyed read asks: all that admits it, and its row.
void read_keyed(store::SqliteDatabase& database) {
  auto lease = database.read();
  const store::Reader& reader = lease.reader();
  const AdmissionFacts known(reader);
  known.bearer(kUsers[0], kTokens[0]);
  known.standing(kTenants[0], kUsers[0]);
  known.rate_limit({.tenant = kTenants[0], .env = "dev"}, "card_get");
  Caller caller;
  caller.user_id = kUsers[0];
  caller.tenant_id = TenantId::parse(kTenants[0]);
  caller.env_id = Env::dev;
  CHECK_FALSE(
      gates::decide(reader, {.caller = caller, .action = "card_get", .surface = "cards", .policy = gates::Policy::read})
          .blocked());
  reader.query("SELECT 1 FROM cards WHERE tenant_id = 't_a' AND env = 'dev' AND card_id = 'c'").next();
}

}  // namespace

TEST_CASE("a keyed read asks one statement where nothing was committed, and few after a commit") {
  const AdmissionScratch scratch;
  sqlite3_auto_extension(reinterpret_cast<void (*)()>(count_on));
  store::DatabaseOptions options;
  options.path = scratch.path / "nexus.db";
  options.readers = 1;
  options.wal.idle = std::chrono::hours(1);
  store::SqliteDatabase database(std::move(options));
  sqlite3_reset_auto_extension();
  database.writer().apply(add_people);
  const auto count = [&database](int reads) {
    statements = 0;
    for (int i = 0; i < reads; ++i) read_keyed(database);
    return statements;
  };
  count(1);
  CHECK(count(100) < 110);  // a new snapshot may be due meanwhile
  database.writer().apply([](store::Tx& tx) { store::touch_token(tx, kTokens[0], 7); });
  CHECK(count(1) == 5);  // COMMIT and BEGIN, where the snapshot begins, the mark, the row
  database.writer().apply([](store::Tx& tx) {
    store::put_rate_limit(tx, {.tenant = "t_b", .env = "dev"}, "*", {1, 1}, 1, "u");
  });
  CHECK(count(1) == 10);  // and what admits the read: bearer, standing, limit, two documents of switches
}

}  // namespace nexus
