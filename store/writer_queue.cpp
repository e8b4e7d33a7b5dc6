#include "store/writer_queue.hpp"

#include <new>

#include "daemon/base/hand_over.hpp"

namespace nexus::store {

void count_results(WriterStats& stats, const std::vector<WaitingWork>& group) {
  std::uint64_t* const counters[] = {&stats.applied, &stats.refused, &stats.not_applied, &stats.unknown};
  for (const WaitingWork& item : group) ++*counters[static_cast<std::size_t>(item.result.outcome)];
}

void answer_group(const std::vector<WaitingWork>& group) noexcept {
  const HandOver together;
  for (const WaitingWork& item : group) {
    try {
      item.work.done(item.result);
    } catch (const std::bad_alloc&) {
    }
  }
}

}  // namespace nexus::store
