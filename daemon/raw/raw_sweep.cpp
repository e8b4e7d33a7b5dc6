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
bool drop_one(store::Tx& tx, const RawAsset& asset, std::string_view instance_id) {
  if (!store::drop_unregistered(tx, asset)) return false;
  store::erase_copies(tx, {asset.tenant_id, asset.env, "raw_asset", asset.asset_id});
  store::note_pending_object(tx, asset.key, now_micros());
  audit::Act act = audit::own_act(asset.realm(), "raw_delete", "raw_asset", asset.asset_id);
  act.surface = "raw_storage";
  act.details["reason"] = "never registered";
  audit::append(tx, instance_id, act, now_micros());
  return true;
}

/// Keeps the assets whose objects are gone. The others are noted as failures.
void remove_objects(store::Stint& stint, blobs::BlobStore& blobs, std::vector<RawAsset>& assets) {
  stint.keep_handled(assets, [&](const RawAsset& asset) {
    try {
      if (const auto key = blobs::StorageKey::parse(asset.key))
        blobs.remove_owner(*key, asset.object_version.value_or(""));
      return true;
    } catch (const Problem& problem) {
      log::warn("an object could not be removed; it will be tried again",
                {{"key", asset.key}, {"cause", problem.what()}});
      return false;
    }
  });
}

}  // namespace

bool sweep_unregistered(store::Stint& stint, blobs::BlobStore& blobs, std::string_view instance_id, Micros before) {
  auto assets = store::list_unregistered(stint.read().reader(), before, stint.rows());
  if (assets.empty()) return false;
  const store::Realms realms = stint.realms_of(assets);
  std::vector<RawAsset> dropped;
  const auto drop = [&](store::Tx& tx) {
    dropped.clear();
    for (const RawAsset& asset : assets)
      if (drop_one(tx, asset, instance_id)) dropped.push_back(asset);
  };
  stint.write(drop, realms);
  remove_objects(stint, blobs, dropped);
  const auto forget = [&](store::Tx& tx) {
    for (const RawAsset& asset : dropped) store::drop_pending_object(tx, asset.key);
  };
  stint.write(forget, realms);
  return stint.filled(static_cast<std::int64_t>(assets.size()));
}

bool sweep_tombstones(store::Stint& stint, blobs::BlobStore& blobs, int sweeps, Micros before) {
  auto tombstones = store::list_tombstones(stint.read().reader(), sweeps, before, stint.rows(), stint.failures());
  if (tombstones.empty()) return false;
  const store::Realms realms = stint.realms_of(tombstones);
  const bool more = stint.filled(static_cast<std::int64_t>(tombstones.size()));
  remove_objects(stint, blobs, tombstones);
  const auto count = [&](store::Tx& tx) {
    for (const RawAsset& tombstone : tombstones) store::count_sweep(tx, tombstone);
  };
  stint.write(count, realms);
  return more;
}

}  // namespace nexus::raw
