#include "daemon/app/shared_store.hpp"

#include "daemon/app/installation.hpp"
#include "daemon/app/moved_store.hpp"
#include "daemon/audit/chain.hpp"
#include "daemon/log.hpp"
#include "store/identity.hpp"

namespace nexus::app {
namespace {

constexpr std::string_view kTimeline = "timeline";
// Until then, another system token that could not be taken is not tried again.
constexpr std::chrono::seconds kRootAgain{2};

}  // namespace

SharedStore::SharedStore(store::Database& database, std::string instance_id, SharedStoreEvents events)
    : database_(database), instance_id_(std::move(instance_id)), events_(std::move(events)) {}

void SharedStore::look(const rails::Watch::Facts& facts) {
  const auto moved = facts.find(std::string(kMovedTo));
  if (moved != facts.end()) return events_.moved(moved->second);
  const auto root = facts.find(std::string(kRoot));
  const auto now = std::chrono::steady_clock::now();
  if (root != facts.end() && root->second != events_.root_in_force() && now >= root_again_) {
    root_again_ = now + kRootAgain;
    events_.root_changed(root->second);
  }
  if (auto history = database_.new_history()) unjudged_ = std::move(history);
  if (!unjudged_) return;
  judge(*unjudged_);
  unjudged_.reset();
  is_new_ = false;
}

void SharedStore::judge(const store::History& history) {
  bool renewed = false;
  database_.writer().apply([&](store::Tx& tx) {
    const auto known = store::find_meta(tx, kTimeline);
    const bool is_other = known && *known != history.timeline;
    renewed = history.lost || (is_other && (is_new_ || !history.was_synchronous));
    if (known != history.timeline) store::put_meta(tx, kTimeline, history.timeline);
    if (!renewed) return;
    const std::string epoch = new_epoch();
    store::put_meta(tx, kEpoch, epoch);
    audit::Act act = audit::own_act({.tenant = TenantId::system().str(), .env = "prod"}, "epoch_renew", "store", epoch);
    act.details["why"] = history.lost ? "rows that were committed are gone" : "the server has another timeline";
    act.details["timeline"] = history.timeline;
    if (known) act.details["timeline_before"] = *known;
    if (history.lost)
      act.details["lost_in"] = make_object({{"tenant_id", history.lost->tenant_id}, {"env", history.lost->env}});
    audit::append(tx, instance_id_, act, now_micros());
  });
  if (!renewed) return;
  const std::string where = history.lost ? history.lost->tenant_id + " " + history.lost->env : "";
  if (history.lost)
    log::error(
        "rows that were committed are gone from the database: a standby without them took over, or the server "
        "was set back; all streams begin anew",
        {{"first_found_in", where}, {"timeline", history.timeline}});
  else
    log::warn("the database's server has another timeline since this store was last used: all streams begin anew",
              {{"timeline", history.timeline}});
}

}  // namespace nexus::app
