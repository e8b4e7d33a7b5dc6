// What several tenants do in an ordinary hour, at a bounded rate: they write cards, notes, turns, messages, usage and
// files, make atoms of these, read and search, repeat keys, delete what is old, block and allow an action, and follow
// their streams. Each client deletes as much as it makes, so the load is the same after an hour as after a minute.
#pragma once
#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/client.hpp"
#include "tests/support/daemon_process.hpp"

namespace nexus::test {

/// What the clients were answered. Threads: any.
class Journal {
 public:
  /// Counts an answer. Complains of each that is neither 2xx nor a redirection nor what a kill switch refuses.
  void take(const std::string& tenant, const std::string& what, const Answer& answer);
  void complain(const std::string& what);

  std::vector<std::string> complaints() const;
  std::size_t answers() const;
  std::size_t refusals() const;
  std::size_t repeats() const;
  /// How many audit rows of the tenant in env dev the answers name.
  std::size_t receipts(const std::string& tenant) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::set<std::string>> receipts_;
  std::vector<std::string> complaints_;
  std::size_t answers_ = 0, refusals_ = 0, repeats_ = 0;
};

/// Runs from the constructor to stop(). The tenants exist, and `u_dev` owns them.
class MixedLoad {
 public:
  /// Daemon and journal must outlive it.
  MixedLoad(const DaemonProcess& daemon, std::vector<std::string> tenants, double requests_per_second,
            Journal& journal);
  ~MixedLoad() { stop(); }
  MixedLoad(const MixedLoad&) = delete;
  MixedLoad& operator=(const MixedLoad&) = delete;

  /// Ends all requests and streams.
  void stop();

 private:
  std::atomic<bool> over_{false};
  std::vector<std::thread> threads_;
};

}  // namespace nexus::test
