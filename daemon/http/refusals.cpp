#include "daemon/http/refusals.hpp"

#include <algorithm>

#include "daemon/limits.hpp"

namespace nexus::http {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kSpacingMin(1000 / limits::refusal_rows_per_second_max);
constexpr milliseconds kSpacingMax = limits::refusal_rows_spacing_max;
/// Refusals stay out of a queue of this length: the remaining places are for mutations.
constexpr std::uint64_t kQueueMax = 1024;

/// How long the next row waits when it comes `gap` after the previous one. Continuing refusals are written ever more
/// rarely. After a pause they are written more often again, but step by step, so that pausing gains little.
milliseconds next_spacing(milliseconds spacing, milliseconds gap) {
  if (gap < 2 * spacing) return std::min(2 * spacing, kSpacingMax);
  return std::max(spacing / 2, kSpacingMin);
}

}  // namespace

void RefusalLog::record(audit::Act act) {
  const std::lock_guard lock(mutex_);
  const std::string kind = act.tenant + "\n" + act.env + "\n" + act.action;
  Pending& pending = kinds_[kind];
  pending.act = std::move(act);
  ++pending.count;
  if (const Time now = clock_(); is_due(pending, now)) write(kind, pending, now);
}

void RefusalLog::flush(bool all) {
  const std::lock_guard lock(mutex_);
  const Time now = clock_();
  // At shutdown the rest is written even while an earlier row is not done: nothing would write it later.
  for (auto& [kind, pending] : kinds_)
    if (pending.count > 0 && (all || is_due(pending, now))) write(kind, pending, now);
}

bool RefusalLog::is_due(const Pending& pending, Time now) {
  return !pending.in_flight && (!pending.last_write || now - *pending.last_write >= pending.spacing);
}

void RefusalLog::write(const std::string& kind, Pending& pending, Time now) {
  if (database_.writer().stats().queue_units > kQueueMax) return;
  audit::Act act = pending.act;
  const std::int64_t count = pending.count;
  act.details["count"] = count;
  store::Realms realms = store::Realms().add(act.realm()).charged_to("");
  pending.in_flight = database_.writer().submit(
      {.unit = [this, act = std::move(act)](store::Tx& tx) { audit::append(tx, instance_id_, act, now_micros()); },
       .done =
           [this, kind, count](const store::Result& result) {
             const std::lock_guard lock(mutex_);
             Pending& done = kinds_[kind];
             done.in_flight = false;
             // The count of a row that could not be written is added to the next one.
             if (result.outcome != store::Outcome::applied) done.count += count;
           },
       .realms = std::move(realms)});
  if (!pending.in_flight) return;
  pending.count = 0;
  pending.spacing =
      pending.last_write
          ? next_spacing(pending.spacing, std::chrono::duration_cast<milliseconds>(now - *pending.last_write))
          : kSpacingMin;
  pending.last_write = now;
}

}  // namespace nexus::http
