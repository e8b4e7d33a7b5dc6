// A relay between a client and a PostgreSQL server of this machine: what goes through takes its time each way, as over
// a network. Connections can be cut, and left half open: what is sent then is swallowed, and nobody learns of it.
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
  /// Leads to the socket in the directory, which is libpq's `host`. `delay`: each way. For each `from` of the client
  /// the server hears `to`, which is as long. Throws std::system_error.
  Relay(std::filesystem::path server, std::chrono::microseconds delay, std::string from = {}, std::string to = {});
  /// Cuts.
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  /// Where it listens: libpq's `host`.
  const std::filesystem::path& socket_directory() const { return directory_.path(); }
  /// Ends all connections that are open. New ones are taken.
  void cut();
  /// From now on nothing comes out on either side, of connections that are open and of new ones: no byte, and no end.
  void swallow() { conduct_.swallows = true; }
  /// The contrary, for what is sent from now on. A connection from which something is missing stays broken; cut() ends
  /// it.
  void carry() { conduct_.swallows = false; }

  /// What all connections share.
  struct Conduct {
    std::chrono::microseconds delay{0};
    std::string from = {}, to = {};
    std::atomic<bool> swallows{false};
  };

 private:
  struct Connection;
  void accept_all();
  void take(int client);

  const std::filesystem::path server_;
  Conduct conduct_;
  TemporaryDirectory directory_;
  int listener_ = -1;
  std::atomic<bool> over_{false};
  std::mutex mutex_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::thread acceptor_;
};

}  // namespace nexus::test
