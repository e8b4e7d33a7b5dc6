// What housekeeping removes, it removes beside the units of other realms: each of its units names those whose rows it
// takes, and runs alone only for rows of no tenant.
#include "daemon/app/housekeeping.hpp"

#include "daemon/blobs/backend.hpp"
#include "daemon/memory/store.hpp"
#include "store/erasure.hpp"
#include "store/events.hpp"
#include "store/idempotency.hpp"
#include "store/objects.hpp"
#include "store/raw_assets.hpp"
#include "tests/catch.hpp"
#include "tests/unit/store/noting_database.hpp"

namespace nexus::app {
namespace {

using store::Realms;
using store::Tx;

struct Stage {
  store::test::NotingDatabase database;
  blobs::LocalStore files{database.scratch().path() / "blobs"};
  blobs::LocalBlobStore blobs{files, {"id", "secret"}};
  Housekeeping housekeeping{database, blobs, "i-1", {.events_days = 1, .chat_days = 1, .answer_bytes = 1000}, {}};

  void plant(const store::Unit& unit) { database.plant(unit); }
  void plant(std::string_view sql) {
    plant([&](Tx& tx) { tx.run(sql); });
  }
  void run() {
    housekeeping.ask_for_rows();
    housekeeping.run_rows();
    housekeeping.ask_for_objects();
    housekeeping.run_objects();
  }
  std::int64_t number(std::string_view sql) { return store::integer_of(database.read().reader().query(sql)); }
};

void add_event(Tx& tx, Realm realm, std::int64_t number) {
  domain::Event event;
  event.tenant_id = realm.tenant;
  event.env = realm.env;
  event.event_id = "e-" + std::to_string(number);
  event.surface = event.event_type = event.actor_id = event.actor_type = event.trace_id = event.request_id = "x";
  event.input = event.output = event.metadata = "{}";
  event.created_at = 10;
  store::append_event(tx, event);
}

std::string pending_key(std::string_view tenant, Env env, std::string_view owner) {
  return blobs::StorageKey::make(*TenantId::parse(tenant), env, blobs::Plane::canvas, owner, "a.txt").str();
}

/// Each as it is: alone, or with so many realms.
void check_named(const std::vector<Realms>& units, const Place& place) {
  REQUIRE_FALSE(units.empty());
  for (const Realms& realms : units) {
    CHECK_FALSE(realms.is_alone());
    CHECK(realms.named() == std::vector{place});
    CHECK(realms.payer().empty());  // the daemon's share
  }
}

}  // namespace

TEST_CASE("each unit of housekeeping names the tenant and env of the rows that it takes", "[retention]") {
  Stage stage;
  const Realm realm{.tenant = "t_a", .env = "dev"};
  SECTION("turns of a deleted session") {
    stage.plant([&](Tx& tx) {
      memory::Session session;
      session.tenant_id = "t_a";
      session.env = "dev";
      session.session_id = "s";
      memory::insert_session(tx, session);
      memory::Turn turn;
      turn.turn_id = "turn";
      turn.role = "user";
      memory::append_turn(tx, session, turn);
      memory::bury_session(tx, session, now_micros(), "u");
    });
    stage.run();
    CHECK(stage.number("SELECT count(*) FROM memory_turns") == 0);
  }
  SECTION("copies of what was deleted") {
    stage.plant("INSERT INTO erasures VALUES ('t_a', 'dev', 'card', 'c')");
    stage.run();
    CHECK(stage.number("SELECT count(*) FROM erasures") == 0);
  }
  SECTION("events") {
    stage.plant([&](Tx& tx) { add_event(tx, realm, 1); });
    stage.run();
    CHECK(stage.number("SELECT count(*) FROM events") == 0);
  }
  SECTION("tombstones") {
    stage.plant("INSERT INTO cards VALUES ('t_a', 'dev', 'old', 'note', '', '{}', '', 0, 0, 1, 'u', 10)");
    stage.run();
    CHECK(stage.number("SELECT count(*) FROM cards") == 0);
  }
  SECTION("an object that no row names") {
    stage.plant([&](Tx& tx) { store::note_pending_object(tx, pending_key("t_a", Env::dev, "a"), 10); });
    stage.run();
    CHECK(stage.number("SELECT count(*) FROM pending_objects") == 0);
  }
  SECTION("an upload that nobody registered") {
    stage.plant([&](Tx& tx) {
      store::RawAsset asset;
      asset.tenant_id = "t_a";
      asset.env = "dev";
      asset.asset_id = "asset";
      asset.status = "presigned";
      asset.key = blobs::StorageKey::make(*TenantId::parse("t_a"), Env::dev, blobs::Plane::raw, "asset", "a").str();
      asset.created_at = 10;
      store::insert_row<store::kRawAsset>(tx, asset);
    });
    stage.run();
    CHECK(stage.number("SELECT count(*) FROM raw_assets") == 0);
    CHECK(stage.number("SELECT count(*) FROM pending_objects") == 0);
    CHECK(stage.number("SELECT count(*) FROM audit_rows") == 1);
  }
  check_named(stage.database.noted(), {"t_a", "dev"});
}

TEST_CASE("stored answers go with their tenant named in every env", "[retention]") {
  Stage stage;
  const bool heavy = GENERATE(false, true);
  stage.plant([&](Tx& tx) {
    store::put_answer(tx, {"t_a", "dev", "u", "POST", "/", "k"},
                      {"x", false, 201, "{}", std::string(heavy ? 5000 : 10, 'a')}, heavy ? now_micros() : 10);
  });
  stage.run();
  CHECK(stage.number("SELECT count(*) FROM idempotency_keys") == 0);
  check_named(stage.database.noted(), {"t_a", ""});
}

TEST_CASE("rows of no tenant go while nobody else writes", "[retention]") {
  Stage stage;
  stage.plant("INSERT INTO denied_tokens VALUES ('x', 1, 10)");
  stage.run();
  CHECK(stage.number("SELECT count(*) FROM denied_tokens") == 0);
  REQUIRE(stage.database.noted().size() == 1);
  CHECK(stage.database.noted().front().is_alone());
}

TEST_CASE("a unit of housekeeping takes from a bounded number of realms, and the rest follows", "[retention]") {
  Stage stage;
  constexpr std::int64_t tenants = 150;
  stage.plant([&](Tx& tx) {
    for (std::int64_t i = 0; i < tenants; ++i) {
      const std::string tenant = "t_" + std::to_string(i);
      const Realm realm{.tenant = tenant, .env = "prod"};
      add_event(tx, realm, i);
      tx.run("INSERT INTO cards VALUES (?1, ?2, 'old', 'note', '', '{}', '', 0, 0, 1, 'u', 10)", realm);
      store::put_answer(tx, {tenant, "prod", "u", "POST", "/", "k"}, {"x", false, 201, "{}", "a"}, 10);
      store::note_pending_object(tx, pending_key(tenant, Env::prod, "a"), 10 + i);
    }
  });
  stage.run();
  for (const std::string table : {"events", "cards", "idempotency_keys", "pending_objects"}) {
    INFO(table);
    CHECK(stage.number("SELECT count(*) FROM " + table) == 0);
  }
  std::size_t named = 0;
  for (const Realms& realms : stage.database.noted()) {
    CHECK_FALSE(realms.is_alone());
    CHECK(realms.named().size() <= store::kRealmsAtOnce);
    named += realms.named().size();
  }
  CHECK(named >= 4 * tenants);
}

}  // namespace nexus::app
