#include "daemon/raw/raw_sweep.hpp"

#include "daemon/audit/chain.hpp"
#include "daemon/base/problem.hpp"
#include "daemon/log.hpp"
#include "store/erasure.hpp"
#include "store/objects.hpp"
#include "store/raw_assets.hpp"

namespace nexus::raw {
namespace {

using store::RawAsset;

/// Removes one asset's row, writes an audit row, and notes its object for removal. Returns whether it was still
/// unregistered.
bool drop_one(store::Database& database, const RawAsset& asset, std::string_view instance_id) {
  bool dropped = false;
  const auto result = database.writer().run([&](store::Tx& tx) {
    dropped = store::drop_unregistered(tx, asset);
    if (!dropped) return;
    store::erase_copies(tx, {asset.tenant_id, asset.env, "raw_asset", asset.asset_id});
    store::note_pending_object(tx, asset.key, now_micros());
    audit::Act act = audit::own_act(asset.realm(), "raw_delete", "raw_asset", asset.asset_id);
    act.surface = "raw_storage";
    act.details["reason"] = "never registered";
    audit::append(tx, instance_id, act, now_micros());
  });
  return dropped && result.outcome == store::Outcome::applied;
}

/// Returns false when the store could not be asked.
bool remove_object(blobs::BlobStore& blobs, const RawAsset& asset) {
  try {
    if (const auto key = blobs::StorageKey::parse(asset.key))
      blobs.remove_owner(*key, asset.object_version.value_or(""));
    return true;
  } catch (const Problem& problem) {
    log::warn("an object could not be removed; it will be tried again",
              {{"key", asset.key}, {"cause", problem.what()}});
    return false;
  }
}

}  // namespace

void sweep_unregistered(store::Database& database, blobs::BlobStore& blobs, std::string_view instance_id, Micros before,
                        int count) {
  const auto assets = store::list_unregistered(database.read().reader(), before, count);
  for (const RawAsset& asset : assets)
    if (drop_one(database, asset, instance_id) && remove_object(blobs, asset))
      database.writer().run([&](store::Tx& tx) { store::drop_pending_object(tx, asset.key); });
}

void sweep_tombstones(store::Database& database, blobs::BlobStore& blobs, Micros forms_over, Micros uploads_over,
                      int count) {
  for (const auto& [sweeps, before] : {std::pair(0, forms_over), std::pair(1, uploads_over)}) {
    auto tombstones = store::list_tombstones(database.read().reader(), sweeps, before, count);
    std::erase_if(tombstones, [&](const RawAsset& tombstone) { return !remove_object(blobs, tombstone); });
    if (tombstones.empty()) continue;
    database.writer().run([&](store::Tx& tx) {
      for (const RawAsset& tombstone : tombstones) store::count_sweep(tx, tombstone);
    });
  }
}

}  // namespace nexus::raw
