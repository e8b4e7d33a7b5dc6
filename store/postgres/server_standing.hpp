// What the server promises of a commit, and what its clock says. A daemon cannot tell by itself whether an acknowledged
// write outlives the loss of a machine: the server's settings decide that, and somebody may change them at any time. So
// they are read with each new connection of the writer, and once a second while it is there.
#pragma once
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "daemon/base/clock.hpp"

#include "store/query.hpp"

namespace nexus::store {

struct ServerStanding {
  std::string standby_names;                 // synchronous_standby_names; empty: no commit waits for a standby
  std::optional<std::int64_t> standbys = 0;  // connected synchronous ones; nothing: our role may not see them
  bool fsync = true, full_page_writes = true;
  std::chrono::microseconds clock_ahead{0};  // the server's clock minus ours
  std::chrono::microseconds clock_doubt{0};  // half of the round trip: `clock_ahead` may be wrong by so much

  bool waits_for_standby() const { return !standby_names.empty(); }
  /// Whether commits wait for a standby, and none is connected.
  bool waits_in_vain() const { return waits_for_standby() && standbys == 0; }
  /// Whether the clocks differ by more than 500 ms, beyond doubt.
  bool has_skew() const;
  /// For people, one line: what becomes of acknowledged writes when the server is lost.
  std::string replication_text() const;
};

/// One round trip. Throws Error.
ServerStanding read_standing(const Reader& reader);

/// What the server's clock says. One round trip. Throws Error.
Micros read_server_clock(const Reader& reader);

/// Throws SchemaError, one line for the operator, where no commit waits for a standby.
void require_standby(const ServerStanding& standing);

/// The newest that was read. Threads: any.
class ServerWatch {
 public:
  void keep(ServerStanding standing) {
    const std::lock_guard lock(mutex_);
    standing_ = std::move(standing);
  }
  /// From beside the lane that keeps: where the names are the same. Else it would hide from lose() what was before.
  void refresh(const ServerStanding& standing) {
    const std::lock_guard lock(mutex_);
    if (standing.standby_names == standing_.standby_names) standing_ = standing;
  }
  ServerStanding standing() const {
    const std::lock_guard lock(mutex_);
    return standing_;
  }
  /// The connection was lost: what is read next may be another server's.
  void lose() {
    const std::lock_guard lock(mutex_);
    before_loss_ = standing_;
  }
  /// As it was before the last loss; where none is known since the last call, as it is.
  ServerStanding take_before_loss() {
    const std::lock_guard lock(mutex_);
    return std::exchange(before_loss_, std::nullopt).value_or(standing_);
  }

 private:
  mutable std::mutex mutex_;
  ServerStanding standing_;
  std::optional<ServerStanding> before_loss_;
};

}  // namespace nexus::store
