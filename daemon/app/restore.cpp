#include "daemon/app/restore.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "daemon/app/installation.hpp"
#include "daemon/app/living_store.hpp"
#include "daemon/app/object_storage.hpp"
#include "daemon/app/restore_keys.hpp"
#include "daemon/app/restore_text.hpp"
#include "daemon/app/swap.hpp"
#include "daemon/audit/chain.hpp"
#include "store/audit_log.hpp"
#include "store/identity.hpp"
#include "store/sqlite/database.hpp"
#include "store/tickets.hpp"

namespace nexus::app {
namespace {

namespace fs = std::filesystem;

/// Brings the unpacked database to this program's schema, and refuses one that is not what the manifest says, or that
/// would not start with this configuration.
void prepare(const fs::path& database, const backup::Manifest& manifest, const Config& config) {
  store::SqliteDatabase opened({.path = database});
  const auto instance = store::find_meta(opened.read().reader(), kInstance);
  if (instance != manifest.instance_id)
    throw std::runtime_error("the backup's database is not of the installation that its manifest names: verify it");
  if (const auto fault = object_home_fault(opened.read().reader(), config))
    throw std::runtime_error("the restored store would not start: " + *fault);
}

ChainLoss compare(const store::Reader& restored, const store::Reader& living, const store::AuditHead& head) {
  ChainLoss loss{.tenant_id = head.tenant_id, .env = head.env};
  const std::int64_t common = store::find_common_seq(restored, living, head.realm());
  loss.rows = head.seq - common;
  if (loss.rows > 0) loss.acts = store::count_acts_after(living, head.realm(), common);
  return loss;
}

/// Changes the unpacked database, in one transaction.
class Restoring {
 public:
  Restoring(store::Connection& connection, const backup::Manifest& manifest, const RestoreOptions& options,
            const LivingStore* living)
      : connection_(connection),
        inside_(begun(connection)),
        tx_(inside_),
        manifest_(manifest),
        options_(options),
        living_(living) {
    told_.backup_id = manifest.backup_id;
    told_.made_at = manifest.made_at;
    told_.plan_only = options.plan_only;
    told_.as_it_was = options.as_it_was;
    told_.from_living = living != nullptr;
  }

  const store::Reader& reader() const { return tx_; }
  RestoreTold& told() { return told_; }

  void change() {
    if (living_ != nullptr) compare_with_living();
    if (!options_.as_it_was) narrow();
    store::drop_tickets(tx_);  // used ones are among them
    store::put_meta(tx_, kEpoch, new_epoch());
    store::put_meta(tx_, kInUse, "");
    append_rows();
    told_.without_owner = store::list_tenants_without_owner(tx_);
  }
  /// Ends the transaction and empties the log, so that the file alone is the store.
  void commit() {
    connection_.execute("COMMIT");
    connection_.execute("PRAGMA wal_checkpoint(TRUNCATE)");
  }

 private:
  static store::Connection& begun(store::Connection& connection) {
    connection.execute("BEGIN IMMEDIATE");
    return connection;
  }

  void compare_with_living() {
    const store::Reader& living = living_->reader();
    for (const auto& head : store::list_audit_heads(living))
      if (auto loss = compare(tx_, living, head); loss.rows > 0) told_.chains.push_back(std::move(loss));
    store::copy_living_rows(tx_, living);
    told_.made_since = store::count_made_since(tx_);
    told_.made_since["assets"] = store::count_assets_registered(living, manifest_.made_at);
    told_.lost_log = living_->lost_its_log();
  }

  void narrow() {
    const auto root = store::find_meta(tx_, kRoot);
    if (living_ == nullptr) {
      statuses_before_ = store::disable_tenants(tx_);
      for (const auto& [disabled, status] : statuses_before_) told_.disabled.push_back(disabled);
      store::drop_meta(tx_, kRoot);
      return;
    }
    told_.taken_over = store::take_over(tx_, living_->reader(), now_micros());
    const auto in_force = store::find_meta(living_->reader(), kRoot);
    told_.system_token = in_force != root;
    if (in_force)
      store::put_meta(tx_, kRoot, *in_force);
    else
      store::drop_meta(tx_, kRoot);
  }

  void append_rows() {
    const std::string system = TenantId::system().str();
    std::vector<Place> places;
    for (const auto& head : store::list_audit_heads(tx_)) places.push_back({head.tenant_id, head.env});
    if (std::ranges::find(places, Place{system, "prod"}) == places.end()) places.push_back({system, "prod"});
    for (const auto& place : places) {
      audit::Act act = audit::own_act(place.realm(), "store_restore", "store", manifest_.backup_id);
      act.surface = "control";
      act.details.update(details(place.tenant_id, place.tenant_id == system));
      audit::append(tx_, manifest_.instance_id, act, now_micros());
    }
  }

  /// A tenant reads of itself alone; t_system, of all.
  Json details(const std::string& tenant, bool is_system) const {
    Json details = {{"backup_id", manifest_.backup_id},
                    {"made_at", to_rfc3339(manifest_.made_at)},
                    {"from_living", told_.from_living},
                    {"as_it_was", told_.as_it_was},
                    {"taken_over", taken_over_json(told_, is_system ? std::nullopt : std::optional(tenant))}};
    if (const auto before = statuses_before_.find(tenant); before != statuses_before_.end())
      details["status_before"] = before->second;
    if (is_system && !told_.disabled.empty()) details["tenants_disabled"] = told_.disabled.size();
    return details;
  }

  store::Connection& connection_;
  store::InsideTransaction inside_;
  store::Tx tx_;
  const backup::Manifest& manifest_;
  const RestoreOptions& options_;
  const LivingStore* living_;
  RestoreTold told_;
  std::map<std::string, std::string> statuses_before_;  // of the tenants that were disabled
};

/// The database is one file, or a crash would leave a part of it behind.
void require_no_log(const fs::path& database) {
  if (fs::exists(database.string() + "-wal"))
    throw std::runtime_error("the log beside " + database.string() + " could not be emptied; nothing was changed");
}

}  // namespace

RestoreSite::RestoreSite(const fs::path& data_dir) : directory_(data_dir) {
  if (const fs::path replaced = complete_swap(directory_.path()); !replaced.empty())
    finished_ = "a restore that had been cut was completed first; the store before it is in " + replaced.string();
  fs::remove_all(directory_.path() / "restore.tmp");
  fs::create_directories(unpacked());
}

RestoreSite::~RestoreSite() {
  std::error_code ignored;
  if (!is_swap_cut(directory_.path())) fs::remove_all(directory_.path() / "restore.tmp", ignored);
}

RestoreReport restore(RestoreSite& site, const Config& config, const backup::Manifest& manifest,
                      const RestoreOptions& options) {
  const fs::path &data_dir = site.directory().path(), database = site.unpacked() / "nexus.db";
  auto living = LivingStore::open(data_dir, manifest.instance_id, options.without_living);
  prepare(database, manifest, config);
  RestoreTold told;
  {
    store::Connection connection({.path = database});
    Restoring restoring(connection, manifest, options, living.get());
    restoring.told().keys =
        stage_keys(restoring.reader(), config, {data_dir, site.unpacked(), options.keys, options.as_it_was},
                   data_dir / "restore.tmp" / "keys");
    restoring.change();
    restoring.commit();
    told = std::move(restoring.told());
  }
  require_no_log(database);
  living.reset();
  if (!options.plan_only) {
    const Swap swap = begin_swap(data_dir);
    complete_swap(data_dir);
    if (fs::exists(swap.replaced())) told.moved_to = swap.replaced().string();
  }
  return {lines_of(told), json_of(told)};
}

}  // namespace nexus::app
