// A relay between a client and a PostgreSQL server of this machine: what goes through takes its time each way, as over
// a network, and connections can be cut.
//
// Threads: any.
#pragma once
#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/daemon_process.hpp"

namespace nexus::test {

class Relay {
 public:
  /// Leads to the socket in the directory, which is libpq's `host`. `delay`: each way. Throws std::system_error.
  Relay(std::filesystem::path server, std::chrono::microseconds delay);
  /// Cuts.
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  /// Where it listens: libpq's `host`.
  const std::filesystem::path& socket_directory() const { return directory_.path(); }
  /// Ends all connections that are open. New ones are taken.
  void cut();

 private:
  struct Connection;
  void accept_all();
  void take(int client);

  const std::filesystem::path server_;
  const std::chrono::microseconds delay_;
  TemporaryDirectory directory_;
  int listener_ = -1;
  std::atomic<bool> over_{false};
  std::mutex mutex_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::thread acceptor_;
};

}  // namespace nexus::test
