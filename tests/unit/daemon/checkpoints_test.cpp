// The notes of a round: chains are noted beside the units of other chains, and the note over all tells what they tell,
// whatever was written meanwhile.
#include "daemon/audit/checkpoints.hpp"

#include <algorithm>

#include "daemon/audit/chain.hpp"
#include "daemon/audit/verify_store.hpp"
#include "tests/catch.hpp"
#include "tests/unit/store/noting_database.hpp"

namespace nexus::audit {
namespace {

constexpr const char* kInstance = "0197-instance";

void add_row(store::Tx& tx, const std::string& tenant) {
  append(tx, kInstance, own_act({.tenant = tenant, .env = "dev"}, "card_create", "card", "c"), now_micros());
}

struct Stage {
  store::test::NotingDatabase database;
  SigningKey key = SigningKey::generate(std::string("nexusd/") + kInstance);
  Checkpoints checkpoints{database, key, kInstance};

  void write(const std::vector<std::string>& tenants) {
    database.plant([&](store::Tx& tx) {
      for (const auto& tenant : tenants) add_row(tx, tenant);
    });
  }
  bool verifies() {
    auto lease = database.read();
    const auto verdicts = verify_store(lease.reader(), kInstance, {key.public_key()}, {}, {}, [](std::int64_t) {});
    return std::ranges::all_of(verdicts, [](const auto& verdict) { return verdict.report.ok(); });
  }
  std::int64_t notes_over_all() {
    std::int64_t notes = 0;
    store::scan_audit_notes(database.read().reader(), {.tenant = "", .env = ""}, [&](const auto&) { ++notes; });
    return notes;
  }
};

}  // namespace

TEST_CASE("units of chains name them, and the note over all is made alone", "[checkpoints]") {
  Stage stage;
  std::vector<std::string> tenants;
  for (int i = 0; i < 70; ++i) tenants.push_back("t_" + std::to_string(i));
  stage.write(tenants);
  stage.checkpoints.finish();
  const auto& units = stage.database.noted();
  REQUIRE(units.size() == 4);
  CHECK(units[0].named().empty());
  CHECK(units[1].named().size() == 64);
  CHECK(units[2].named().size() == 6);
  for (std::size_t i = 0; i < 3; ++i) CHECK_FALSE(units[i].is_alone());
  CHECK(units[3].is_alone());
  CHECK(std::ranges::all_of(units, [](const auto& realms) { return realms.payer().empty(); }));
  CHECK(stage.notes_over_all() == 1);
  CHECK(stage.verifies());
}

TEST_CASE("a chain that grows during a round leaves the note over all true", "[checkpoints]") {
  Stage stage;
  stage.write({"t_a", "t_b"});
  stage.database.after([](store::Tx& tx, std::size_t unit) {
    add_row(tx, "t_a");
    if (unit == 2) add_row(tx, "t_new");  // which has no note yet
  });
  stage.checkpoints.finish();
  CHECK(stage.notes_over_all() == 1);
  CHECK(stage.verifies());
  stage.database.after(nullptr);
  stage.checkpoints.finish();
  CHECK(stage.notes_over_all() == 2);
  CHECK(stage.verifies());
}

TEST_CASE("a chain of more rows than a unit reads takes several", "[checkpoints]") {
  Stage stage;
  stage.write(std::vector<std::string>(5000, "t_a"));
  stage.checkpoints.finish();
  CHECK(stage.database.noted().size() == 5);  // a look, 2048, 2048, the rest, over all
  CHECK(stage.verifies());
}

TEST_CASE("a round that ends before its last note is ended by the next one, though nothing has grown",
          "[checkpoints]") {
  Stage stage;
  stage.write({"t_a"});
  stage.database.refuse(3);
  CHECK_THROWS(stage.checkpoints.finish());
  CHECK(stage.notes_over_all() == 0);
  stage.checkpoints.finish();
  CHECK(stage.notes_over_all() == 1);
  CHECK(stage.verifies());
  const std::size_t units = stage.database.noted().size();
  stage.checkpoints.finish();
  CHECK(stage.database.noted().size() == units + 1);  // a look alone
}

}  // namespace nexus::audit
