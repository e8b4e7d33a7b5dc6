// What waits for a writer: high units before normal ones, and of each the unit of the tenant that used the least
// (daemon/base/fair_queue.hpp). The writers of both engines have one, or one for each of their threads.
//
// Threads: one at a time.
#pragma once
#include <optional>
#include <string>

#include "daemon/base/fair_queue.hpp"

#include "store/writer.hpp"

namespace nexus::store {

struct WaitingWork {
  Work work;
  std::string line;  // that it waits in, and whose share it takes
  Result result;
};

class WriterQueue {
 public:
  explicit WriterQueue(const WriterLimits& limits)
      : limits_(limits), high_(limits.large_bytes), normal_(limits.large_bytes) {}

  /// Returns false, and takes nothing, when the queue or the tenant's part of it is full.
  bool push(Work& work) {
    const bool high = work.priority == Priority::high;
    const QueueLoad all{high ? limits_.queue_units_high : limits_.queue_units, limits_.queue_bytes};
    const QueueLoad of_tenant{high ? limits_.queue_units_high_tenant : limits_.queue_units_tenant,
                              limits_.queue_bytes_tenant};
    FairQueue<WaitingWork>& queue = high ? high_ : normal_;
    const std::string line = limits_.fair ? work.realms.payer() : std::string();
    const std::size_t bytes = work.bytes;
    if (!queue.has_room(line, bytes, line.empty() ? all : of_tenant, all)) return false;
    queue.push(line, {std::move(work), line, {}}, bytes);
    return true;
  }

  /// The next one, if there is one. Needs no memory.
  std::optional<WaitingWork> pop() {
    auto item = high_.pop();
    if (!item) item = normal_.pop();
    return item;
  }

  /// Charges the time that an item took to its tenant.
  void charge(const WaitingWork& item, std::int64_t nanoseconds) {
    const bool high = item.work.priority == Priority::high;
    if (high) high_.charge(item.line, nanoseconds, item.work.bytes);
    normal_.charge(item.line, nanoseconds, high ? std::nullopt : std::optional(item.work.bytes));
  }

  bool empty() const { return high_.empty() && normal_.empty(); }
  std::size_t size() const { return high_.size() + normal_.size(); }

 private:
  const WriterLimits& limits_;
  FairQueue<WaitingWork> high_, normal_;
};

/// Counts the results of a group in the statistics.
void count_results(WriterStats& stats, const std::vector<WaitingWork>& group);
/// Tells each unit of a group what became of it. Where memory is short, an answer is lost: whoever waits for it learns
/// that when the unit is dropped.
void answer_group(const std::vector<WaitingWork>& group) noexcept;

}  // namespace nexus::store
