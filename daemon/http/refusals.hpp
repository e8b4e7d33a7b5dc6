// Audit rows of refusals by the guard: 401s, refused memberships and roles. Strangers cause them, so they are sampled
// by chain and kind, and each row counts the refusals it represents. The first ones are written at once. The longer
// they go on, the further apart the rows are, down to one a minute. They are written after the answer, and only while
// the writer has room that no mutation needs.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "daemon/audit/chain.hpp"
#include "store/database.hpp"

namespace nexus::http {

class RefusalLog {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Clock = std::function<Time()>;

  RefusalLog(store::Database& database, std::string instance_id, Clock clock = std::chrono::steady_clock::now)
      : database_(database), instance_id_(std::move(instance_id)), clock_(std::move(clock)) {}

  /// Counts one refusal. `act` is the row's act, should this refusal be written. Its action is its kind.
  void record(audit::Act act);
  /// Writes waiting rows. Called every 100 ms and, with `all`, at shutdown.
  void flush(bool all = false);

 private:
  struct Pending {
    audit::Act act;
    std::int64_t count = 0;
    std::optional<Time> last_write;
    std::chrono::milliseconds spacing{0};
    bool in_flight = false;
  };
  static bool is_due(const Pending& pending, Time now);
  void write(const std::string& kind, Pending& pending, Time now);

  store::Database& database_;
  std::string instance_id_;
  const Clock clock_;
  std::mutex mutex_;
  std::map<std::string, Pending> kinds_;
};

}  // namespace nexus::http
