// Activity of reads, such as a search. It goes to the writer after the answer, because no read may wait for it or fail
// because of it. What does not fit the queue, or cannot be stored, is dropped and counted. At most one unit of it waits
// among the mutations, and none while free space is reserved for what must be written.
//
// Tenants share the queue: none has more waiting than is free, a unit holds one tenant's events, and tenants go in
// turn. So whoever reads much loses events of their own alone.
//
// Threads: any. Must outlive the writer's last unit, as the dispatcher that owns it does.
#pragma once
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "daemon/audit/events.hpp"
#include "daemon/base/fair_queue.hpp"
#include "store/database.hpp"

namespace nexus::http {

class ReadEvents {
 public:
  /// `disk_is_low` is cheap. `dropped` gets the number of lost events, on any thread.
  ReadEvents(store::Database& database, std::function<bool()> disk_is_low, std::function<void(std::size_t)> dropped);

  /// Takes the events of one read, for the list of the caller's tenant and env.
  void record(const Caller& caller, std::string_view surface, std::vector<audit::Activity> events);
  /// Hands the writer again what it had no place for. Called every 100 ms.
  void retry();
  /// Hands over all waiting events. Called at shutdown, before the writer stops.
  void flush();

 private:
  struct PendingEvent {
    Caller caller;
    std::string surface;
    audit::Activity activity;
    Micros at;
  };
  using Batch = std::vector<PendingEvent>;

  bool has_room(std::string_view tenant) const;
  void take_batch();
  bool submit_batch();
  void settle(std::size_t count, const store::Result& result);

  store::Database& database_;
  std::function<bool()> disk_is_low_;
  std::function<void(std::size_t)> dropped_;
  std::mutex mutex_;
  FairQueue<PendingEvent> waiting_;
  std::shared_ptr<Batch> next_;  // taken from those that wait, until the writer has a place for it
  std::size_t units_ = 0;        // handed to the writer and not yet done
  std::size_t handed_ = 0;       // events in them
};

}  // namespace nexus::http
