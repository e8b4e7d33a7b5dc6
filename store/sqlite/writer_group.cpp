// How the writer runs the units of one group, and keeps what one of them fails to do from the others.
#include "store/attempt.hpp"
#include "store/sqlite/writer.hpp"

namespace nexus::store {
namespace {
using Clock = std::chrono::steady_clock;

/// How often one group runs again at most.
constexpr int kRerunsMax = 8;

}  // namespace

// Runs as many units as waited when the group began: a group does not grow while others come. It ends earlier when its
// count, bytes or time is used up, when a unit leaves much to the end, or the transaction is gone. Once a unit
// made the others run again, each runs in a savepoint, so that no other one makes them run once more.
void SqliteWriter::run_items() {
  const auto start = limits_.now();
  const std::size_t units = std::min<std::size_t>(limits_.batch_units, stats().queue_units);
  auto before = start;
  std::size_t bytes = 0, left_before = 0;
  left_bytes_ = 0;
  while (batch_.size() < units && left_bytes_ - left_before < limits_.unit_left_bytes && bytes < limits_.batch_bytes &&
         left_bytes_ < limits_.batch_left_bytes && connection_.in_transaction() &&
         before - start < limits_.batch_time && take_item()) {
    const Item& item = batch_.back();
    left_before = left_bytes_;
    const bool twice = limits_.rerun_one_of != 0 && random_() % limits_.rerun_one_of == 0;
    const bool doubted = doubts_.doubt(item.line);
    const bool whole = end_doubts_.doubt(item.line);
    const Way way{
        .in_savepoint = twice || doubted || whole || reruns_ > 0 || chores_.any(), .twice = twice, .whole = whole};
    run_item(batch_.size() - 1, way);
    const bool is_undone = way.in_savepoint && connection_.in_transaction();
    if (item.result.outcome != Outcome::applied && !is_undone) run_group_again();
    bytes += item.work.bytes;
    charge(item, before);
  }
}

/// Charges the time since `since` to the tenant of the unit, and sets `since` to now.
void SqliteWriter::charge(const Item& item, Clock::time_point& since) {
  const auto before = std::exchange(since, limits_.now());
  const auto took = std::chrono::duration_cast<std::chrono::nanoseconds>(since - before).count();
  const std::lock_guard lock(mutex_);
  queue_.charge(item, took);
}

// Sets the unit's result. A unit that fails is undone here if it has a savepoint; else only a rollback undoes it.
void SqliteWriter::run_item(std::size_t place, Way way) {
  Item& item = batch_[place];
  bool at_end = false;  // the unit has run, and only what belongs to the end may still fail
  item.result = attempt([&] {
    tx_.allow(&item.work.realms);
    heads_.begin_unit();
    if (way.in_savepoint) control_.run("SAVEPOINT unit");
    item.work.unit(tx_);
    if (way.twice) {
      control_.run("ROLLBACK TO unit");
      heads_.undo_unit();
      tx_.take_left();
      item.work.unit(tx_);
    }
    at_end = true;
    if (way.whole)
      for (const auto& each : tx_.take_left()) each.work(tx_);
    if (way.in_savepoint) control_.run("RELEASE unit");
    if (!connection_.in_transaction()) throw std::logic_error("a unit ended the transaction of its group");
  });
  auto left = tx_.take_left();
  if (item.result.outcome == Outcome::applied) {
    for (auto& each : left) {
      left_bytes_ += each.bytes;
      left_.emplace_back(place, std::move(each));
    }
    return;
  }
  if (at_end) item.result = not_applied(item.result);
  (at_end ? end_doubts_ : doubts_).raise(item.line);
  if (way.in_savepoint) undo_item();
  if (!connection_.in_transaction()) lost_ = item.result;
}

// Runs all units of the group that have not failed once more in a new transaction: each in a savepoint, with what it
// leaves, so that none can fail the others. Only what makes SQLite roll back by itself (no memory, an error of the
// disk) reaches further than a savepoint. The unit that met it is left out, and the others begin once more. When that
// happens too often, the group is lost.
void SqliteWriter::run_group_again() {
  while (reruns_ < kRerunsMax) {
    ++reruns_;
    connection_.rollback();
    heads_.forget();
    left_.clear();
    try {
      control_.run("BEGIN IMMEDIATE");
    } catch (const Error& error) {
      lost_ = failed(Outcome::not_applied, error);
      return;
    }
    for (std::size_t place = 0; place < batch_.size() && connection_.in_transaction(); ++place)
      if (batch_[place].result.outcome == Outcome::applied) run_item(place, {.in_savepoint = true, .whole = true});
    if (connection_.in_transaction()) return;
  }
  connection_.rollback();
}

// When even the rollback to the savepoint fails, rolls the whole transaction back, so that no unit is kept half-done.
void SqliteWriter::undo_item() noexcept {
  if (!connection_.in_transaction()) return;
  try {
    control_.run("ROLLBACK TO unit");
    heads_.undo_unit();
    control_.run("RELEASE unit");
  } catch (...) {
    connection_.rollback();
  }
}

// Does what the units left to the end, without savepoints. When some of it fails, the group runs again.
void SqliteWriter::end_group() {
  const auto left = std::exchange(left_, {});
  auto before = limits_.now();
  for (const auto& [place, each] : left) {
    if (!connection_.in_transaction()) break;
    const Item& item = batch_[place];
    tx_.allow(&item.work.realms);
    const Result result = attempt([&] { each.work(tx_); });
    const bool failed_here = result.outcome != Outcome::applied;
    if (failed_here) {
      end_doubts_.raise(item.line);
      lost_ = result;
      run_group_again();
    }
    charge(item, before);
    if (failed_here) break;
  }
  if (connection_.in_transaction()) return;
  heads_.forget();
  settle(not_applied(lost_));
}

}  // namespace nexus::store
