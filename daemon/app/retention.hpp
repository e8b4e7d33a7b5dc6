// Removes what is kept only for a while. That is events and chat messages past their days, and remains of deletions:
// turns of long memory sessions, copies that were too many for the deletion's own transaction, words in the search
// index. Small units of the writer remove them one after another, so that no mutation waits for more than one. Audit
// rows are never touched.
//
// Threads: `run` blocks and needs a thread that may. While one call runs, another does nothing.
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>

#include "store/database.hpp"

namespace nexus::app {

class Retention {
 public:
  /// 0 keeps all.
  struct Days {
    std::uint32_t events = 0;
    std::uint32_t chat = 0;
    std::uint32_t index_hours = 12;
  };
  Retention(store::Database& database, Days days) : database_(database), days_(days) {}

  /// Removes everything past its time, until `stopping` returns true.
  void run(const std::function<bool()>& stopping);

 private:
  store::Database& database_;
  const Days days_;
  std::atomic<bool> running_{false};
};

}  // namespace nexus::app
