// Tampering with a database of several chains: whoever kept checkpoints finds all of it, whole chains that vanished
// among it. Without one, exactly what the format cannot show is missed.
#include "cli/commands/audit_database.hpp"

#include <algorithm>
#include <random>

#include "cli/engine/failure.hpp"
#include "daemon/audit/chain.hpp"
#include "daemon/audit/checkpoints.hpp"
#include "store/audit_log.hpp"
#include "store/identity.hpp"
#include "store/sqlite/database.hpp"
#include "tests/catch.hpp"

using namespace nexus;
using namespace nexus::cli;
using audit::Fault;

namespace {

constexpr const char* kInstance = "0197-instance";
const std::vector<std::pair<std::string, std::string>> kChains = {{"t_a", "dev"}, {"t_a", "prod"}, {"t_b", "dev"}};

struct Directory {
  std::filesystem::path path;
  Directory() {
    char pattern[] = "/tmp/nexus-verify-XXXXXX";
    path = ::mkdtemp(pattern);
  }
  ~Directory() { std::filesystem::remove_all(path); }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  std::filesystem::path file() const { return path / "nexus.db"; }
};

void add_rows(store::SqliteDatabase& database, const std::string& actor, int rows) {
  database.writer().apply([&](store::Tx& tx) {
    for (const auto& [tenant, env] : kChains)
      for (int i = 0; i < rows; ++i) {
        audit::Act act =
            audit::own_act({.tenant = tenant, .env = env}, "card_create", "card", "c-" + std::to_string(i));
        act.actor_id = actor;
        audit::append(tx, kInstance, act, now_micros());
      }
  });
}

/// A store of three chains with notes in between, and the notes that somebody kept of it: each chain's newest, and the
/// newest over all.
struct Store {
  Directory directory;
  audit::SigningKey key = audit::SigningKey::generate(std::string("nexusd/") + kInstance);
  std::vector<std::string> of_chains, over_all;

  explicit Store(const std::string& actor = "u_ann") { write(actor); }
  Store(const std::string& actor, const audit::SigningKey& same) : key(same) { write(actor); }

  void write(const std::string& actor) {
    key.save(directory.path / "keys" / "checkpoint.key");
    store::SqliteDatabase database({.path = directory.file()});
    audit::Checkpoints checkpoints(database, key, kInstance);
    database.writer().apply([](store::Tx& tx) { store::put_meta(tx, "instance_id", kInstance); });
    for (int round = 0; round < 3; ++round) {
      add_rows(database, actor, 3 + round);
      checkpoints.finish();
    }
    auto lease = database.read();
    for (const auto& [tenant, env] : kChains)
      of_chains.push_back(store::find_last_audit_note(lease.reader(), {.tenant = tenant, .env = env})->note);
    over_all.push_back(store::find_last_audit_note(lease.reader(), {.tenant = "", .env = ""})->note);
  }
  std::vector<std::string> kept() const {
    std::vector<std::string> all = of_chains;
    all.insert(all.end(), over_all.begin(), over_all.end());
    return all;
  }
};

/// A copy of a closed store, to be tampered with.
struct Copy {
  Directory directory;
  explicit Copy(const Store& store) {
    for (const auto& entry : std::filesystem::directory_iterator(store.directory.path))
      std::filesystem::copy(entry.path(), directory.path / entry.path().filename(),
                            std::filesystem::copy_options::recursive);
  }
  void tamper(const std::string& script) const {
    store::Connection connection({.path = directory.file()});
    connection.execute(("BEGIN;" + script + ";COMMIT").c_str());
  }
};

std::vector<audit::ChainVerdict> verdicts(const std::filesystem::path& file, std::vector<std::string> notes = {},
                                          const std::optional<std::string>& tenant = {}) {
  return verify_database({file.string()}, {.key = {}, .notes = std::move(notes), .receipts = {}}, tenant, {},
                         [](std::int64_t) {});
}

bool ok(const std::vector<audit::ChainVerdict>& all) {
  return std::ranges::all_of(all, [](const auto& verdict) { return verdict.report.ok(); });
}

const audit::Report& report_of(const std::vector<audit::ChainVerdict>& all, const std::string& tenant,
                               const std::string& env) {
  const auto found = std::ranges::find_if(
      all, [&](const auto& verdict) { return verdict.chain.tenant == tenant && verdict.chain.env == env; });
  REQUIRE(found != all.end());
  return found->report;
}

constexpr const char* kOfA = " WHERE tenant_id = 't_a' AND env = 'dev'";

std::string whole_chain_gone() {
  std::string script;
  for (const char* table : {"audit_rows", "audit_heads", "audit_trees", "audit_checkpoints"})
    script += std::string("DELETE FROM ") + table + kOfA + ";";
  return script;
}
const std::string kNotesOverAllGone = "DELETE FROM audit_checkpoints WHERE tenant_id = '';";

/// Twelve rows each: cut behind row 7, with the notes (3, 7, 12), the tree and the head made to fit.
std::string tail_cut(const Store& store) {
  store::Connection connection({.path = store.directory.file(), .read_only = true});
  const store::Reader reader(connection);
  const auto row = store::find_audit_row(reader, {.tenant = "t_a", .env = "dev"}, 7);
  return std::string("DELETE FROM audit_rows") + kOfA + " AND seq > 7; DELETE FROM audit_checkpoints" + kOfA +
         " AND size > 7; DELETE FROM audit_trees" + kOfA + "; UPDATE audit_heads SET seq = 7, hash = '" + row->hash +
         "'" + kOfA + ";";
}

}  // namespace

TEST_CASE("a database verifies whole, and says what kept notes reach", "[audit]") {
  const Store store;
  const auto all = verdicts(store.directory.file(), store.kept());
  CHECK(ok(all));
  REQUIRE(all.size() == 4);
  for (const auto& [tenant, env] : kChains) {
    const auto& report = report_of(all, tenant, env);
    CHECK(report.rows == 12);
    CHECK(report.signed_rows == 12);
    CHECK(report.kept_rows == 12);
  }
  CHECK(report_of(all, "", "").kept_rows == 3);
}

TEST_CASE("a note over all chains reaches every chain by itself", "[audit]") {
  const Store store;
  const auto all = verdicts(store.directory.file(), store.over_all, "t_b");
  CHECK(ok(all));
  CHECK(all.size() == 4);  // it is checked against all, whatever was asked for
  for (const auto& [tenant, env] : kChains) CHECK(report_of(all, tenant, env).kept_rows == 12);
}

TEST_CASE("a kept note whose chain is gone is found, even where another tenant was asked for", "[audit]") {
  const Store store;
  const Copy copy(store);
  copy.tamper(whole_chain_gone() + kNotesOverAllGone);
  CHECK(ok(verdicts(copy.directory.file())));  // the limit, without a kept note
  for (const std::optional<std::string>& tenant : {std::optional<std::string>(), std::optional<std::string>("t_b")}) {
    const auto all = verdicts(copy.directory.file(), {store.of_chains[0]}, tenant);
    CHECK((report_of(all, "t_a", "dev").findings == std::vector<audit::Finding>{{Fault::truncated, 12}}));
  }
  CHECK((report_of(verdicts(copy.directory.file(), store.over_all), "", "").findings ==
         std::vector<audit::Finding>{{Fault::truncated, 3}}));
}

TEST_CASE("a chain that vanished is found by the newest note over all, where that is left", "[audit]") {
  const Store store;
  const Copy copy(store);
  copy.tamper(whole_chain_gone());
  CHECK((report_of(verdicts(copy.directory.file()), "", "").findings == std::vector<audit::Finding>{{Fault::fork, 3}}));
}

TEST_CASE("a note of another installation is a fork, one over all chains among them", "[audit]") {
  const Store store;
  const auto other = audit::SigningKey::generate("nexusd/another");
  for (const std::string origin : {"nexusd/another/t_a/dev", "nexusd/another"}) {
    const std::string note = audit::make_note({.origin = origin, .size = 3, .time = "2026-11-23T01:02:03.456Z"}, other);
    const auto all = verdicts(store.directory.file(), {note});
    CHECK(!ok(all));
    const auto found = std::ranges::find(all, "another", [](const auto& each) { return each.chain.instance_id; });
    REQUIRE(found != all.end());
    CHECK((found->report.findings == std::vector<audit::Finding>{{Fault::fork, 3}}));
  }
}

TEST_CASE("a note over all chains is judged after the clock went back", "[audit]") {
  const Store store;
  const Copy copy(store);
  const std::string ahead = std::to_string(now_micros() + 3600 * kSecond);
  copy.tamper("UPDATE audit_checkpoints SET at = " + ahead + " WHERE tenant_id = '' AND at = (SELECT max(at) FROM " +
              "audit_checkpoints WHERE tenant_id = '')");
  {
    store::SqliteDatabase database({.path = copy.directory.file()});
    audit::Checkpoints checkpoints(database, store.key, kInstance);
    add_rows(database, "u_ann", 1);
    CHECK(checkpoints.cover({.tenant = "t_a", .env = "dev"}) == 13);
    CHECK(checkpoints.cover({.tenant = "t_a", .env = "dev"}) == 13);
    CHECK(checkpoints.cover({.tenant = "t_none", .env = "dev"}) == std::nullopt);
  }
  CHECK(ok(verdicts(copy.directory.file(), store.kept())));
}

TEST_CASE("a tree that was brought up without its note is signed all the same", "[audit]") {
  const Store store;
  const Copy copy(store);
  {
    store::SqliteDatabase database({.path = copy.directory.file()});
    audit::Checkpoints checkpoints(database, store.key, kInstance);
    add_rows(database, "u_ann", 2);
    checkpoints.catch_up({.tenant = "t_a", .env = "dev"});  // and then the note was not made
    checkpoints.finish();
  }
  const auto all = verdicts(copy.directory.file());
  CHECK(ok(all));
  CHECK(report_of(all, "t_a", "dev").signed_rows == 14);
}

namespace {

using Random = std::mt19937;

/// One change of the audit tables of (t_a, dev), or of the notes over all.
struct Edit {
  const char* what;
  std::string (*script)(Random&, const Store&);
  bool always_found;  // without a kept note too
};

std::string some_row(Random& random) { return kOfA + std::string(" AND seq = ") + std::to_string(1 + random() % 12); }

const Edit kEdits[] = {
    {"a body changed",
     [](Random& random, const Store&) {
       return "UPDATE audit_rows SET body = replace(body, 'u_ann', 'u_bob')" + some_row(random);
     },
     true},
    {"details changed",
     [](Random& random, const Store&) { return "UPDATE audit_rows SET details = '{}'" + some_row(random); }, true},
    {"details gone",
     [](Random& random, const Store&) { return "UPDATE audit_rows SET details = NULL" + some_row(random); }, true},
    {"a hash changed",
     [](Random& random, const Store&) { return "UPDATE audit_rows SET hash = prev_hash" + some_row(random); }, true},
    {"a column changed",
     [](Random& random, const Store&) { return "UPDATE audit_rows SET actor = 'u_eve'" + some_row(random); }, true},
    {"a row gone", [](Random& random, const Store&) { return "DELETE FROM audit_rows" + some_row(random); }, true},
    {"the head changed",
     [](Random& random, const Store&) {
       return "UPDATE audit_heads SET seq = " + std::to_string(1 + random() % 11) + kOfA;
     },
     true},
    {"a note gone",
     [](Random& random, const Store&) {
       return std::string("DELETE FROM audit_checkpoints") + kOfA + " AND size = " + (random() % 2 ? "3" : "7");
     },
     true},
    {"a foreign note",
     [](Random&, const Store&) {
       const auto other = audit::SigningKey::generate(std::string("nexusd/") + kInstance);
       const std::string note = audit::make_note(
           {.origin = std::string("nexusd/") + kInstance + "/t_a/dev", .size = 12, .time = "2036-11-23T01:02:03.456Z"},
           other);
       return "INSERT INTO audit_checkpoints (tenant_id, env, size, at, note) VALUES ('t_a', 'dev', 12, "
              "9000000000000000, '" +
              note + "')";
     },
     true},
    {"another chain's note",
     [](Random&, const Store&) {
       return std::string(
                  "UPDATE audit_checkpoints SET note = (SELECT note FROM audit_checkpoints WHERE tenant_id = "
                  "'t_b' AND size = 12)") +
              kOfA + " AND size = 12";
     },
     true},
    {"a note over all gone",
     [](Random&, const Store&) {
       return std::string(
           "DELETE FROM audit_checkpoints WHERE tenant_id = '' AND at = (SELECT min(at) FROM "
           "audit_checkpoints WHERE tenant_id = '')");
     },
     true},
    {"a chain gone", [](Random&, const Store&) { return whole_chain_gone(); }, true},
    {"a tail cut", [](Random&, const Store& store) { return tail_cut(store); }, true},
    {"a chain gone, and the notes over all",
     [](Random&, const Store&) { return whole_chain_gone() + kNotesOverAllGone; }, false},
    {"a tail cut, and the notes over all",
     [](Random&, const Store& store) { return tail_cut(store) + kNotesOverAllGone; }, false},
};

void tamper_again_and_again(int rounds) {
  const Store store;
  Random random(20261129);
  for (int i = 0; i < rounds; ++i) {
    const Edit& edit = kEdits[static_cast<std::size_t>(i) % std::size(kEdits)];
    const Copy copy(store);
    copy.tamper(edit.script(random, store));
    INFO(edit.what);
    CHECK(ok(verdicts(copy.directory.file())) == !edit.always_found);
    REQUIRE(!ok(verdicts(copy.directory.file(), store.kept())));
    REQUIRE(!ok(verdicts(copy.directory.file(), {store.of_chains[0], store.over_all[0]}, "t_b")));
  }
}

}  // namespace

TEST_CASE("every change of the tables is found with kept notes; without, what the format cannot show is missed",
          "[audit]") {
  tamper_again_and_again(60);
}

TEST_CASE("the same, ten thousand times", "[.][long]") { tamper_again_and_again(10'000); }

TEST_CASE("a store that was written anew with the key meets no note that somebody kept", "[audit]") {
  const Store store;
  const Store anew("u_bob", store.key);
  CHECK(ok(verdicts(anew.directory.file())));  // the limit, without a kept note
  for (const auto& note : store.kept()) CHECK(!ok(verdicts(anew.directory.file(), {note})));
}
