// Several daemons on one PostgreSQL of the test's own, which it may kill, and clients that go on at another daemon
// where one does not answer. Cases that need a server are tried where NEXUS_TEST_STORE=postgres alone.
#pragma once
#include <atomic>
#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "store/postgres/session.hpp"
#include "tests/faults/load.hpp"
#include "tests/support/client.hpp"
#include "tests/support/daemon_process.hpp"

namespace nexus::test {

/// The counts of the long run, or those of every run.
int many(int in_long_run, int else_);

/// Daemons with the same keys and objects. Each is started again on its own port.
class Fleet {
 public:
  /// One daemon for each address of the database, which may lead there by different ways.
  explicit Fleet(const std::vector<std::string>& databases);
  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;

  DaemonProcess& at(std::size_t number) { return *daemons_.at(number); }
  std::size_t size() const { return daemons_.size(); }
  const std::filesystem::path& data_dir(std::size_t number) const { return options_.at(number).data_dir; }
  const std::vector<std::string>& addresses() const { return addresses_; }  // http://…, of each daemon
  const std::string& token() const { return token_; }                       // of the owner of t_dev, at every daemon
  Headers in_dev() const;
  /// What was ended runs again.
  void start_again(std::size_t number);

 private:
  TemporaryDirectory directory_;
  std::vector<DaemonOptions> options_;
  std::deque<std::optional<DaemonProcess>> daemons_;
  std::vector<std::string> addresses_;
  std::string token_;
};

enum class Retry { with_key, without_key };

/// One presign with the name, which the memory learns about. The status; 0 when no answer came.
int send_presign(Client& client, const Fleet& fleet, Memory& memory, const std::string& name, Retry retry);

/// Threads that send without a pause, from the constructor to the destructor, to the daemons from `first` on; the next
/// one is taken where no answer comes. The fleet may kill and start daemons meanwhile.
class FleetLoad {
 public:
  FleetLoad(const Fleet& fleet, Memory& memory, int threads, Retry retry = Retry::with_key, std::size_t first = 0);
  ~FleetLoad();
  FleetLoad(const FleetLoad&) = delete;
  FleetLoad& operator=(const FleetLoad&) = delete;

 private:
  void run(const Fleet& fleet, Memory& memory, Retry retry, std::size_t first, std::size_t number);

  std::atomic<bool> stop_{false};
  std::vector<std::thread> threads_;
};

/// Sends all again that has no 2xx, and complains of what the ledger finds, seen by that daemon's way to the database.
/// All daemons run.
std::vector<std::string> settle_and_compare(Fleet& fleet, Memory& memory, std::size_t by = 0);

inline std::chrono::milliseconds since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
}

/// How long it took until so many more were acknowledged. Throws std::runtime_error where that takes more than 20 s.
std::chrono::milliseconds time_of_more(Memory& memory, std::size_t count);

/// While it lives, transactions that write to the realm wait for it, with nothing done: it holds the realm's lock.
class HeldRealm {
 public:
  HeldRealm(const std::string& database, nexus::Realm realm);
  ~HeldRealm() { session_.rollback(); }
  /// Whether a session of that application_name comes to wait for this realm, and for nothing else, in that time.
  bool has_waiter(const std::filesystem::path& data_dir, const std::string& name, std::chrono::seconds within) const;

 private:
  store::Link link_;
  store::PostgresSession session_{link_};
  std::int64_t pid_ = 0;  // of the server's process
};

/// Asks the database until the number that the statement answers is at least `wanted`, and returns it. Throws
/// std::runtime_error after a minute.
std::int64_t await_count(const std::filesystem::path& data_dir, const std::string& sql, std::int64_t wanted = 1);

}  // namespace nexus::test
