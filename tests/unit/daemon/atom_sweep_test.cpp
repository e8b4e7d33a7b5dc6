// What is left of atoms that nobody can read: of deleted assets, and of makings that never ended.
#include "daemon/atoms/atom_maker.hpp"

#include "daemon/domain/stored_objects.hpp"
#include "store/objects.hpp"
#include "tests/catch.hpp"
#include "tests/unit/store/support.hpp"

namespace nexus::atoms::test {
namespace {

struct Stage {
  store::test::Scratch scratch;
  store::SqliteDatabase database{{.path = scratch.database()}};
  blobs::LocalStore files{scratch.database().parent_path() / "blobs"};
  blobs::LocalBlobStore blobs{files, {"id", "secret"}};
  TenantId tenant = *TenantId::parse("t_a");

  domain::AtomSet set(const std::string& asset, Micros at) {
    return {.tenant_id = "t_a",
            .env = "dev",
            .set_id = "set-of-" + asset,
            .raw_asset_id = asset,
            .op_type = "lines",
            .created_at = at,
            .created_by = "u_a"};
  }
  /// 600 atoms, the last of which is an object.
  MadeAtoms make(const std::string& asset, Micros at) {
    AtomMaker maker(database, blobs, tenant, Env::dev, set(asset, at));
    TextCutter cutter(LineCut{}, maker);
    std::string text;
    for (int i = 0; i < 599; ++i) text += "line\n";
    cutter.take(text + std::string(20000, 'a'));
    cutter.finish();
    return maker.finish();
  }
  void finish(MadeAtoms made) {
    database.writer().apply([&](store::Tx& tx) {
      made.set.state = "ready";
      made.set.created_seq = 1;
      store::put_atom_set(tx, made.set, made.rest);
      for (const auto& key : made.noted) store::drop_pending_object(tx, key);
    });
  }
  std::int64_t rows(const std::string& asset) {
    return static_cast<std::int64_t>(store::list_atoms(database.read().reader(), set(asset, 0), -1, 100'000).size());
  }
  void sweep(Micros staged_before) {
    store::Pace pace({.now = [] { return store::Pace::Clock::time_point(); }, .pause = [](auto) {}});
    store::Stint stint(database, pace, 200);
    while (domain::sweep_some_atoms(stint, blobs, staged_before)) {
    }
  }
  bool stored(const MadeAtoms& made) {
    return blobs.head(*blobs::StorageKey::parse(*made.rest.back().key), {}).has_value();
  }
};

}  // namespace

TEST_CASE("a set that was given up cannot be finished, and one that is finished is not given up", "[atoms]") {
  Stage stage;
  const MadeAtoms made = stage.make("a", 1000), other = stage.make("b", 1000);
  const auto staged = [&](const MadeAtoms& of) {
    return store::count_staged_atoms(stage.database.read().reader(), of.set);
  };
  const auto give_up = [&](const MadeAtoms& of) {
    bool given_up = false;
    stage.database.writer().apply([&](store::Tx& tx) { given_up = store::give_up_atom_set(tx, of.set); });
    return given_up;
  };
  CHECK(staged(made) == made.staged);
  CHECK(give_up(made));
  CHECK(staged(made) == 0);
  CHECK(give_up(made));
  stage.finish(other);
  CHECK_FALSE(give_up(other));
  CHECK(staged(other) == 600);
}

TEST_CASE("atoms are staged in small units, and nobody reads them before the set is finished", "[atoms]") {
  Stage stage;
  const MadeAtoms made = stage.make("a", 1000);
  CHECK(made.staged == 500);
  REQUIRE(made.rest.size() == 100);
  CHECK(stage.rows("a") == 500);
  CHECK(made.noted.size() == 64);
  const std::string id = made.rest.front().atom_id;
  CHECK_FALSE(store::find_atom(stage.database.read().reader(), {.tenant = "t_a", .env = "dev"}, id));
  stage.finish(made);
  CHECK(store::find_atom(stage.database.read().reader(), {.tenant = "t_a", .env = "dev"}, id));
  CHECK(store::list_pending_objects(stage.database.read().reader(), INT64_MAX, 100).empty());
}

TEST_CASE("what was staged and never finished is swept once it is old, what is ready never", "[atoms]") {
  Stage stage;
  const MadeAtoms old = stage.make("old", 1000), fresh = stage.make("fresh", 3000), ready = stage.make("ready", 1000);
  stage.finish(ready);
  stage.sweep(2000);
  CHECK(stage.rows("old") == 0);
  CHECK(stage.rows("fresh") == 500);
  CHECK(stage.rows("ready") == 600);
  CHECK(stage.stored(ready));
}

TEST_CASE("what is discarded leaves no row, no object and no note", "[atoms]") {
  Stage stage;
  const MadeAtoms made = stage.make("a", 1000), other = stage.make("b", 1000);
  REQUIRE(stage.stored(made));
  discard(stage.database, stage.blobs, made);
  CHECK(stage.rows("a") == 0);
  CHECK_FALSE(stage.stored(made));
  CHECK(stage.rows("b") == 500);
  CHECK(stage.stored(other));
  CHECK(store::list_pending_objects(stage.database.read().reader(), INT64_MAX, 200).size() == other.noted.size());
}

TEST_CASE("what was made of a deleted asset is swept with its objects", "[atoms]") {
  Stage stage;
  const MadeAtoms gone = stage.make("gone", 5000), other = stage.make("other", 5000);
  stage.finish(gone);
  stage.finish(other);
  stage.database.writer().apply(
      [](store::Tx& tx) { store::drop_atom_sets(tx, {.tenant = "t_a", .env = "dev"}, "gone"); });
  CHECK_FALSE(
      store::find_atom(stage.database.read().reader(), {.tenant = "t_a", .env = "dev"}, gone.rest.front().atom_id));
  stage.sweep(0);
  CHECK(stage.rows("gone") == 0);
  CHECK_FALSE(stage.stored(gone));
  CHECK(stage.rows("other") == 600);
  CHECK(stage.stored(other));
}

}  // namespace nexus::atoms::test
