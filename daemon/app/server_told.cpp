#include "daemon/app/server_told.hpp"

#include "daemon/base/metrics_page.hpp"
#include "daemon/log.hpp"

namespace nexus::app {
namespace {

constexpr std::chrono::minutes kSkewAgain{10};

double seconds_of(std::chrono::microseconds time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

system::Check replication_check(const store::ServerStanding& standing, bool require_sync) {
  const bool is_refused = require_sync && !standing.waits_for_standby();
  return {.name = "replication",
          .ok = !is_refused,
          .detail = standing.replication_text() +
                    (is_refused ? "; store.require_sync refuses all writes: set synchronous_standby_names" : ""),
          .outside = "the database cannot be written now"};
}

void ServerNews::look() {
  if (database_ == nullptr) return;
  tell_trouble(database_->not_ready());
  tell_daemons(database_->leadership().term().has_value(), database_->leadership().daemons());
  tell_key(database_->leadership().agreed_key());
  tell(database_->standing(), std::chrono::steady_clock::now());
}

void ServerNews::tell_trouble(const std::string& trouble) {
  if (trouble == trouble_) return;
  if (trouble.empty())
    log::info("the database can be written again");
  else
    log::error("the database cannot be written now: the daemon tries again by itself", {{"cause", trouble}});
  trouble_ = trouble;
}

void ServerNews::tell_daemons(bool leads, std::int64_t daemons) {
  if (leads_ != leads && (leads || leads_))
    log::info(leads ? "this daemon leads from now on" : "this daemon leads no more");
  if (daemons_ != 0 && daemons_ != daemons)
    log::write(daemons < daemons_ ? log::Level::warn : log::Level::info, "another number of daemons serves now",
               {{"daemons", daemons}, {"before", daemons_}});
  leads_ = leads;
  daemons_ = daemons;
}

void ServerNews::tell_key(const std::string& agreed) {
  const std::string kid = agreed.substr(0, agreed.find(' '));
  if (!key_.empty() && !kid.empty() && kid != key_)
    log::info("all daemons have another key now, and sign new tokens by it", {{"signs", kid}, {"before", key_}});
  if (!kid.empty()) key_ = kid;
}

std::string ServerNews::metrics_text() const {
  if (database_ == nullptr) return {};
  const store::ServerStanding standing = database_->standing();
  MetricsPage page;
  page.gauge("nexus_database_waits_for_standby", "1 where a commit waits for a synchronous standby")
      .sample(standing.waits_for_standby());
  page.gauge("nexus_database_standbys", "Synchronous standbys that are connected, where our role may see them");
  if (standing.standbys) page.sample(static_cast<double>(*standing.standbys));
  page.gauge("nexus_database_clock_ahead_seconds", "The clock of the database's server minus that of this machine")
      .sample(seconds_of(standing.clock_ahead));
  return page.text();
}

void ServerNews::tell(const store::ServerStanding& standing, std::chrono::steady_clock::time_point now) {
  const auto differs = [&](auto member) { return !told_ || (*told_).*member != standing.*member; };
  using store::ServerStanding;
  if (!told_ || told_->waits_for_standby() != standing.waits_for_standby() ||
      told_->waits_in_vain() != standing.waits_in_vain()) {
    const bool is_worse = standing.waits_in_vain() || (told_ && !standing.waits_for_standby());
    log::write(is_worse ? log::Level::warn : log::Level::info, "replication", {{"found", standing.replication_text()}});
  }
  if (!standing.fsync && differs(&ServerStanding::fsync))
    log::warn("the database's server has fsync off: a crash of its machine destroys the store");
  if (!standing.full_page_writes && differs(&ServerStanding::full_page_writes))
    log::warn("the database's server has full_page_writes off: a crash of its machine may destroy the store");
  if (standing.has_skew() && now >= skew_again_) {
    log::warn(
        "the clocks of the database's server and of this machine differ: keep both with NTP",
        {{"server_ahead_ms", std::chrono::duration_cast<std::chrono::milliseconds>(standing.clock_ahead).count()}});
    skew_again_ = now + kSkewAgain;
  }
  told_ = standing;
}

}  // namespace nexus::app
