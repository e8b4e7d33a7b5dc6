// What a daemon does when the server of its store has another history, or another daemon another system token.
#include "daemon/app/shared_store.hpp"

#include "daemon/app/installation.hpp"
#include "daemon/app/moved_store.hpp"
#include "store/audit_log.hpp"
#include "store/identity.hpp"
#include "store/sqlite/database.hpp"
#include "tests/catch.hpp"
#include "tests/unit/store/support.hpp"

namespace nexus::app {
namespace {

/// A store that says of its server what a test wants.
class ToldDatabase final : public store::Database {
 public:
  store::Lease read() override { return file_.read(); }
  store::Writer& writer() override { return file_.writer(); }
  bool is_damaged() const override { return false; }
  std::optional<store::History> new_history() override { return std::exchange(next, std::nullopt); }

  std::optional<std::string> fact(std::string_view key) { return store::find_meta(read().reader(), key); }
  std::vector<store::AuditRow> rows() {
    return store::list_audit_rows_after(read().reader(), {.tenant = "t_system", .env = "prod"}, 0, 100);
  }

  std::optional<store::History> next;

 private:
  const store::test::Scratch scratch_;
  store::SqliteDatabase file_{{.path = scratch_.database()}};
};

struct Stage {
  Stage() {
    database.writer().apply([](store::Tx& tx) { store::put_meta(tx, kEpoch, "0011aaff"); });
  }
  void look(std::optional<store::History> history) {
    database.next = std::move(history);
    shared.look(store::list_meta(database.read().reader()));
  }
  std::string epoch() { return database.fact(kEpoch).value(); }

  ToldDatabase database;
  std::vector<std::string> roots, moves;
  std::string root = "digest";
  SharedStore shared{database,
                     "instance",
                     {.root_in_force = [this] { return root; },
                      .root_changed = [this](const std::string& other) { roots.push_back(other); },
                      .moved = [this](const std::string& to) { moves.push_back(to); }}};
};

}  // namespace

TEST_CASE("the first timeline is noted, and the epoch stays") {
  Stage stage;
  stage.look(store::History{"7/00000001", {}});
  CHECK(stage.database.fact("timeline") == "7/00000001");
  CHECK(stage.epoch() == "0011aaff");
  CHECK(stage.database.rows().empty());
}

TEST_CASE("a daemon that has just begun trusts no other timeline than the one noted") {
  Stage stage;
  stage.database.writer().apply([](store::Tx& tx) { store::put_meta(tx, "timeline", "7/00000001"); });
  SECTION("the same") {
    stage.look(store::History{"7/00000001", {}});
    CHECK(stage.epoch() == "0011aaff");
  }
  SECTION("another") {
    stage.look(store::History{"7/00000002", {}});
    CHECK(stage.epoch() != "0011aaff");
    CHECK(stage.database.fact("timeline") == "7/00000002");
    const auto rows = stage.database.rows();
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].action == "epoch_renew");
  }
}

TEST_CASE("a daemon that finds all that it committed trusts a new timeline where commits waited for a standby") {
  Stage stage;
  stage.look(store::History{"7/00000001", {}});
  SECTION("they waited") {
    stage.look(store::History{"7/00000002", {}, true});
    CHECK(stage.epoch() == "0011aaff");
  }
  SECTION("they did not: another daemon's rows may be gone with it") {
    stage.look(store::History{"7/00000002", {}, false});
    CHECK(stage.epoch() != "0011aaff");
  }
  CHECK(stage.database.fact("timeline") == "7/00000002");
}

TEST_CASE("a daemon that misses what it committed draws a new epoch, and says where") {
  Stage stage;
  stage.look(store::History{"7/00000001", {}});
  stage.look(store::History{"7/00000001", Place{"t_acme", "dev"}});
  CHECK(stage.epoch() != "0011aaff");
  const auto rows = stage.database.rows();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].details.value_or("").find("t_acme") != std::string::npos);
  stage.look({});
  CHECK(stage.database.rows().size() == 1);
}

TEST_CASE("another system token is told, and nothing once it is in force") {
  Stage stage;
  stage.look({});
  stage.database.writer().apply([](store::Tx& tx) { store::put_meta(tx, kRoot, "other"); });
  stage.look({});
  CHECK(stage.roots == std::vector<std::string>{"other"});
  stage.root = "other";
  stage.look({});
  CHECK(stage.roots.size() == 1);
  CHECK(stage.moves.empty());
}

TEST_CASE("a daemon hears that its store was moved under it") {
  Stage stage;
  stage.database.writer().apply([](store::Tx& tx) { store::put_meta(tx, kMovedTo, "elsewhere"); });
  stage.look({});
  CHECK(stage.moves == std::vector<std::string>{"elsewhere"});
}

}  // namespace nexus::app
