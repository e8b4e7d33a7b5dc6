// Work that can wait leaves the writer to requests. It is done in small units. Each is measured on the writer's thread,
// and the next one waits nine times as long: so all that shares a Pace has at most a tenth of the writer's time. The
// sync of the COMMIT is not counted, because the unit shares it with whoever writes then.
//
// Threads: a Pace may be shared; a Stint belongs to one thread, which may block. It may have helpers for what waits for
// other servers.
#pragma once
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "store/database.hpp"

namespace nexus::store {

/// The time that a unit may take on the writer.
inline constexpr std::chrono::microseconds kUnitTime{5000};
/// How long the next unit waits, in times of what the last one took.
inline constexpr int kPauseFactor = 9;
inline constexpr int kStintRowsMax = 1000;
/// How many calls of other servers a step may have under way.
inline constexpr std::size_t kCallsAtOnce = 4;
/// How many realms a unit may name: each is a lock or three, and a server has few for all its transactions.
inline constexpr std::size_t kRealmsAtOnce = 64;
/// Runs the task on another thread, some time or never.
using Helper = std::function<void(std::function<void()> task)>;

/// Says when the next unit may run. Thread-safe.
class Pace {
 public:
  using Clock = std::chrono::steady_clock;
  /// Where the time comes from. `pause` may return early.
  struct Source {
    std::function<Clock::time_point()> now;
    std::function<void(Clock::duration)> pause;
  };

  Pace();
  /// For tests.
  explicit Pace(Source source) : source_(std::move(source)) {}

  /// Waits until another unit may run. False once stop() was called.
  bool wait();
  /// Counts what a unit took; the next one waits for it.
  void charge(Clock::duration took);
  /// Wakes whoever waits. From any thread.
  void stop();
  bool stopped() const { return stopped_; }
  Clock::time_point now() const { return source_.now(); }

 private:
  std::atomic<bool> stopped_{false};
  std::mutex mutex_;
  std::condition_variable wake_;
  Clock::time_point free_at_{};
  const Source source_;
};

/// What a step of such work may use. It belongs to the leader's term in which it begins: when that is over, nothing of
/// it is written any more.
class Stint {
 public:
  /// Database and pace must outlive it. Without a helper, all is done on its own thread.
  Stint(Database& database, Pace& pace, int rows, int failures = 0, Helper helper = {})
      : database_(database),
        pace_(pace),
        helper_(std::move(helper)),
        term_(database.leadership().term()),
        rows_(rows),
        failures_(failures) {}

  Lease read() { return database_.read(); }
  /// How many rows this step may handle.
  int rows() const { return rows_; }
  /// Runs a unit on the writer when the pace allows it, in the daemon's share. `realms`: those whose rows it writes;
  /// every one only where the rows are of no tenant, because such a unit runs alone. Throws what the unit threw, the
  /// store's error, Stopped, or NotLeader.
  void write(const Unit& unit, Realms realms);
  /// Names the realms of the rows for write(). Where they are more than kRealmsAtOnce, the rows from the first one too
  /// many are dropped, and more may wait: call it before filled().
  template <class Row>
  Realms realms_of(std::vector<Row>& rows) {
    Realms realms;
    for (auto row = rows.begin(); row != rows.end(); ++row) {
      if (realms.has(row->realm())) continue;
      if (realms.named().size() == kRealmsAtOnce) {
        rows.erase(row, rows.end());
        dropped_ = true;
        break;
      }
      realms.add(row->realm());
    }
    return realms;
  }
  /// Calls `work` for each number below `count`, for up to kCallsAtOnce of them at the same time, and waits for all.
  /// Throws one of the errors that it threw.
  void each(std::size_t count, const std::function<void(std::size_t)>& work);
  /// Keeps the rows that `is_handled(row)`, called like `work` of each(), returns true for. Notes the others as
  /// failures.
  template <class Row, class IsHandled>
  void keep_handled(std::vector<Row>& rows, const IsHandled& is_handled) {
    std::vector<char> handled(rows.size());
    each(rows.size(), [&](std::size_t i) { handled[i] = is_handled(rows[i]); });
    std::vector<Row> kept;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (handled[i])
        kept.push_back(std::move(rows[i]));
      else
        fail();
    }
    rows = std::move(kept);
  }
  /// Whether so many rows are all that this step may handle; then more may wait.
  bool filled(std::int64_t rows) { return filled_ = dropped_ || rows >= rows_; }
  bool filled() const { return filled_; }
  /// Notes a row that cannot be handled now. The next step of the round passes over as many.
  void fail() { ++failures_; }
  int failures() const { return failures_; }
  /// The time of the longest unit; 0 without one.
  Pace::Clock::duration longest() const { return longest_; }

  struct Stopped {};

 private:
  Database& database_;
  Pace& pace_;
  const Helper helper_;
  const std::optional<std::int64_t> term_;
  const int rows_;
  int failures_;
  bool filled_ = false;
  bool dropped_ = false;
  Pace::Clock::duration longest_{};
};

/// The rows of the next step, after one of `rows` whose longest unit took `took`. `filled`: it handled all that it
/// might.
int next_rows(int rows, Pace::Clock::duration took, bool filled);

}  // namespace nexus::store
