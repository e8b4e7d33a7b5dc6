// Audit rows of refusals by the guard: 401s, refused memberships and roles. Strangers cause them, so they are sampled:
// at most 10 rows a second and chain, each with the count of those it stands for, written after the answer and only
// while the writer has room that no mutation needs.
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "daemon/audit/chain.hpp"
#include "store/database.hpp"

namespace nexus::http {

class RefusalLog {
 public:
  RefusalLog(store::Database& database, std::string instance_id)
      : database_(database), instance_id_(std::move(instance_id)) {}

  /// Counts one refusal; `act` is that of the row should it be the one that is written.
  void record(audit::Act act);
  /// Writes what waited. Called every 100 ms and, with `all`, at shutdown.
  void flush(bool all = false);

 private:
  struct Pending {
    audit::Act act;
    std::int64_t count = 0;
    std::chrono::steady_clock::time_point last_write{};
    bool in_flight = false;
  };
  void write(const std::string& chain, Pending& pending);

  store::Database& database_;
  std::string instance_id_;
  std::mutex mutex_;
  std::map<std::string, Pending> chains_;
};

}  // namespace nexus::http
