#include "daemon/http/refusals.hpp"

namespace nexus::http {
namespace {

constexpr auto kSpacing = std::chrono::milliseconds(100);
/// Refusals stay out of the queue once it is this long: the places are the mutations'.
constexpr std::uint64_t kQueueMax = 1024;

}  // namespace

void RefusalLog::record(audit::Act act) {
  const std::lock_guard lock(mutex_);
  const std::string chain = act.tenant + "\n" + act.env;
  Pending& pending = chains_[chain];
  pending.act = std::move(act);
  ++pending.count;
  if (!pending.in_flight && std::chrono::steady_clock::now() - pending.last_write >= kSpacing) write(chain, pending);
}

void RefusalLog::flush(bool all) {
  const std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  for (auto& [chain, pending] : chains_) {
    // At the end the rest is written beside a row that is still under way: nobody would write it later.
    const bool due = all || (!pending.in_flight && now - pending.last_write >= kSpacing);
    if (pending.count > 0 && due) write(chain, pending);
  }
}

void RefusalLog::write(const std::string& chain, Pending& pending) {
  if (database_.writer().stats().queue_units > kQueueMax) return;
  audit::Act act = pending.act;
  const std::int64_t count = pending.count;
  act.details["count"] = count;
  pending.in_flight = database_.writer().submit(
      [this, act = std::move(act)](store::Tx& tx) { audit::append(tx, instance_id_, act, now_micros()); },
      [this, chain, count](const store::Result& result) {
        const std::lock_guard lock(mutex_);
        Pending& done = chains_[chain];
        done.in_flight = false;
        // A row that could not be written is still owed: its count waits for the next.
        if (result.outcome != store::Outcome::applied) done.count += count;
      });
  if (!pending.in_flight) return;
  pending.count = 0;
  pending.last_write = std::chrono::steady_clock::now();
}

}  // namespace nexus::http
