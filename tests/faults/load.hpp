// Clients that keep a daemon busy with mutations and remember what they were told. Each mutation has a name and an
// Idempotency-Key of its own; one that got no 2xx is kept and sent again, with the same key, by the next run.
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/faults/ledger.hpp"
#include "tests/support/daemon_process.hpp"

namespace nexus::test {

enum class Kind { presign, user };

/// What all clients know together, over all lives of the daemon.
class Memory {
 public:
  explicit Memory(Kind kind) : kind_(kind) {}
  Kind kind() const { return kind_; }

  /// The name of the next mutation to send: one that was never acknowledged, before a new one.
  std::string take();
  bool take_unacknowledged(std::string& name);
  void acknowledge(Acknowledged one);
  /// No 2xx came: it may have happened or not.
  void give_back(std::string name);
  /// An answer that no fault explains.
  void complain(std::string what);

  /// Waits until so many are acknowledged; false when that takes more than 20 s.
  bool wait_for(std::size_t count);
  std::vector<Acknowledged> acknowledged() const;
  std::vector<std::string> complaints() const;
  std::uint64_t replayed() const { return replayed_; }
  void count_replay() { ++replayed_; }

 private:
  const Kind kind_;
  mutable std::mutex mutex_;
  std::condition_variable grown_;
  std::vector<Acknowledged> acknowledged_;
  std::vector<std::string> unacknowledged_;
  std::vector<std::string> complaints_;
  int next_ = 0;
  std::atomic<std::uint64_t> replayed_{0};
};

/// Threads that send without a pause, from the constructor to the destructor.
class Load {
 public:
  Load(const DaemonProcess& daemon, std::vector<Memory*> memories, int threads_each);
  ~Load();
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

 private:
  std::atomic<bool> stop_{false};
  std::vector<std::thread> threads_;
};

/// Sends again, one after another, all that has no 2xx yet.
void settle(const DaemonProcess& daemon, Memory& memory);

/// Rates must not slow the load down.
DaemonOptions loaded(const std::filesystem::path& data_dir);

}  // namespace nexus::test
