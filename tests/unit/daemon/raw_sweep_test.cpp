// What is left of deleted uploads: the object that a form brings back, and the name by which it would be found.
#include "daemon/raw/raw_sweep.hpp"

#include "store/model_rows.hpp"
#include "store/raw_assets.hpp"
#include "tests/catch.hpp"
#include "tests/unit/store/support.hpp"

namespace nexus::raw::test {
namespace {

/// As on S3: an object is found by its whole key alone.
class ByKeyAlone : public blobs::LocalBlobStore {
 public:
  using LocalBlobStore::LocalBlobStore;
  bool finds_by_owner() const override { return false; }
  void remove_owner(const blobs::StorageKey& key, std::string_view version) override { remove(key, version); }
};

struct Stage {
  store::test::Scratch scratch;
  store::SqliteDatabase database{{.path = scratch.database()}};
  blobs::LocalStore files{scratch.database().parent_path() / "blobs"};
  blobs::LocalBlobStore local{files, {"id", "secret"}};
  ByKeyAlone remote{files, {"id", "secret"}};

  static blobs::StorageKey key(std::string_view filename) {
    return blobs::StorageKey::make(*TenantId::parse("t_a"), Env::dev, blobs::Plane::raw, "asset", filename);
  }
  void store_object() {
    auto writer = local.write({.key = key("secret.txt"), .content_type = "text/plain"});
    writer->append("text");
    writer->commit();
  }
  /// Deleted at 1000 with `kept` as the key of its tombstone, its object brought back by a form.
  void bury(const blobs::StorageKey& kept) {
    store_object();
    database.writer().apply([&](store::Tx& tx) {
      store::RawAsset asset;
      asset.tenant_id = "t_a";
      asset.env = "dev";
      asset.asset_id = "asset";
      asset.status = "presigned";
      asset.filename = "secret.txt";
      asset.key = key("secret.txt").str();
      asset.uri = key("secret.txt").uri("nexus");
      asset.created_by = "u_a";
      store::insert_row<store::kRawAsset>(tx, asset);
      store::bury_raw_asset(tx, asset, kept.str(), kept.uri("nexus"), 1000);
    });
  }
  void sweep(blobs::BlobStore& blobs, int sweeps) {
    store::Pace pace;
    store::Stint stint(database, pace, 10);
    sweep_tombstones(stint, blobs, sweeps, 2000);
  }
  std::string tombstone() {
    auto lease = database.read();
    store::Query q = lease.reader().query("SELECT filename || metadata || key || uri FROM raw_assets");
    return q.next() ? q.text(0) : "none";
  }
  bool stored() { return local.head(key("secret.txt"), {}).has_value(); }
};

}  // namespace

TEST_CASE("where an object is found by its key alone, the name goes with the last sweep", "[raw]") {
  Stage stage;
  stage.bury(Stage::key("secret.txt"));
  stage.sweep(stage.remote, 0);
  CHECK_FALSE(stage.stored());
  CHECK(stage.tombstone().find("secret") != std::string::npos);
  stage.store_object();  // by an upload that took long
  stage.sweep(stage.remote, 1);
  CHECK_FALSE(stage.stored());
  CHECK(stage.tombstone() == "{}");
}

TEST_CASE("on the local store no name is needed to sweep what a form brought back", "[raw]") {
  Stage stage;
  stage.bury(Stage::key("deleted"));
  CHECK(stage.tombstone().find("secret") == std::string::npos);
  stage.sweep(stage.local, 0);
  CHECK_FALSE(stage.stored());
}

}  // namespace nexus::raw::test
