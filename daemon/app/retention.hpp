// What is kept for a while only: events and chat messages past their days, and what is left of deleted things: turns of
// long memory sessions, copies that were too many for the deletion's own transaction, words in the search index. They
// go in small units of the writer, one after the other, so that no mutation waits for more than one of them; audit rows
// are never touched.
//
// Threads: `run` blocks and belongs on a thread that may; while one runs, another does nothing.
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <vector>

#include "store/database.hpp"
#include "store/events.hpp"

namespace nexus::app {

class Retention {
 public:
  /// 0 days keep all.
  struct Days {
    std::uint32_t events = 0;
    std::uint32_t chat = 0;
    std::uint32_t index_hours = 12;
  };
  Retention(store::Database& database, Days days) : database_(database), days_(days) {}

  /// Removes what is over, until nothing is or `stopping` says so.
  void run(const std::function<bool()>& stopping);

 private:
  using Stopping = std::function<bool()>;
  using Find = std::vector<store::EventSequence> (*)(const store::Reader&, Micros);
  using Remove = std::int64_t (*)(store::Tx&, const store::EventSequence&, Micros, int);
  void merge_index(const Stopping& stopping);
  void prune(std::uint32_t days, Find find, Remove remove, const Stopping& stopping);

  store::Database& database_;
  const Days days_;
  std::atomic<bool> running_{false};
};

}  // namespace nexus::app
