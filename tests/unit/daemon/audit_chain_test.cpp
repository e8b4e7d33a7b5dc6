// Rows as the daemon appends them: whatever an act says, the body is canonical and says just that, and the chain
// verifies although some of its units were undone or ran twice.
#include "daemon/audit/chain.hpp"

#include <filesystem>
#include <random>

#include "daemon/audit/verify.hpp"
#include "store/audit_log.hpp"
#include "store/sqlite/database.hpp"
#include "tests/catch.hpp"

using namespace nexus;
using namespace nexus::audit;

namespace {

const std::string kInstance = "0197-instance";
constexpr Realm kRealm{.tenant = "t_acme", .env = "prod"};

struct Directory {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("nexus-chain-" + own_act({}, "", "", "").trace_id);
  Directory() { std::filesystem::create_directory(path); }
  ~Directory() { std::filesystem::remove_all(path); }
};

std::string random_text(std::mt19937& random) {
  std::string text;
  for (unsigned i = random() % 12; i-- > 0;) text += static_cast<char>(random() % 128);
  return random() % 3 == 0 ? text + "\u00e9\u20ac\U0001F600" : text;
}

Act random_act(std::mt19937& random) {
  Act act;
  act.tenant = kRealm.tenant;
  act.env = kRealm.env;
  // A verifier compares these with columns, and they need no escapes: names and ids.
  act.action = "act_" + std::to_string(random() % 9);
  act.actor_id = "u_" + std::to_string(random() % 9);
  act.trace_id = std::to_string(random());
  for (std::string* text : {&act.surface, &act.subject_type, &act.actor_type, &act.actor_token, &act.request_id})
    *text = random_text(random);
  if (random() % 2 == 0) act.subject_id = random_text(random);
  if (random() % 2 == 0) act.run_id = random_text(random);
  act.pass = random() % 2 == 0;
  act.gates = canonical(Json::array({{{"gate", random_text(random)}, {"n", 1}}}));
  act.details = {{"text", random_text(random)}};
  return act;
}

Json said(const Act& act, const store::AuditRow& row) {
  return {{"v", 1},
          {"tenant", act.tenant},
          {"env", act.env},
          {"seq", row.seq},
          {"at", to_rfc3339(row.at)},
          {"action", act.action},
          {"surface", act.surface},
          {"subject", {{"type", act.subject_type}, {"id", or_null(act.subject_id)}}},
          {"actor", {{"type", act.actor_type}, {"id", act.actor_id}, {"token", act.actor_token}}},
          {"request_id", act.request_id},
          {"trace_id", act.trace_id},
          {"run_id", or_null(act.run_id)},
          {"result", act.pass ? "PASS" : "BLOCK"},
          {"gates", parse_own_json(act.gates)},
          {"details_sha256", sha256_hex(*row.details)}};
}

}  // namespace

TEST_CASE("a row says its act in canonical form, and the chain of applied units verifies") {
  const Directory directory;
  store::DatabaseOptions options;
  options.path = directory.path / "nexus.db";
  options.readers = 1;
  options.writer.rerun_one_of = 3;
  store::SqliteDatabase database(std::move(options));
  std::mt19937 random(7);
  std::vector<Act> applied;
  for (int i = 0; i < 200; ++i) {
    const Act act = random_act(random);
    const bool undone = random() % 3 == 0;
    database.writer().submit(
        [act, undone, i](store::Tx& tx) {
          append(tx, kInstance, act, 1'795'000'000'000'000 + i);
          if (undone) throw std::runtime_error("undone");
        },
        [](const store::Result&) {});
    if (!undone) applied.push_back(act);
  }
  database.writer().stop();
  auto lease = database.read();
  Verifier verifier({kInstance, std::string(kRealm.tenant), std::string(kRealm.env)}, {});
  const auto rows = store::list_audit_rows_after(lease.reader(), kRealm, 0, 1000);
  REQUIRE(rows.size() == applied.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    REQUIRE(rows[i].body == canonical(said(applied[i], rows[i])));
    verifier.row(rows[i], Source::table);
  }
  verifier.end(static_cast<std::int64_t>(rows.size()), store::find_audit_head(lease.reader(), kRealm)->hash);
  CHECK(verifier.finish().ok());
}

TEST_CASE("an act whose text has no canonical form leaves no row") {
  const Directory directory;
  store::DatabaseOptions options;
  options.path = directory.path / "nexus.db";
  store::SqliteDatabase database(std::move(options));
  Act act = own_act(kRealm, "act", "type", "id");
  act.actor_id = "\xff";
  CHECK_THROWS_AS(database.writer().apply([&](store::Tx& tx) { append(tx, kInstance, act, 1); }), JsonError);
  CHECK_FALSE(store::find_audit_head(database.read().reader(), kRealm));
}
