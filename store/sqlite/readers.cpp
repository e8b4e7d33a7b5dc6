#include "store/sqlite/readers.hpp"

#include <sqlite3.h>

namespace nexus::store {
namespace {
using Clock = std::chrono::steady_clock;
// About a millisecond of work between two looks at the clock.
constexpr int kInstructionsPerLook = 20'000;
}  // namespace

struct Lease::Slot {
  Slot(const ConnectionOptions& options, std::chrono::milliseconds time_max_)
      : connection(options), tx(connection), time_max(time_max_) {
    if (time_max.count() > 0) sqlite3_progress_handler(connection.handle(), kInstructionsPerLook, is_late, this);
  }
  static int is_late(void* self) { return Clock::now() > static_cast<Slot*>(self)->deadline ? 1 : 0; }

  Connection connection;
  Tx tx;  // for BEGIN and COMMIT; query_only and the read-only open keep it from writing
  std::chrono::milliseconds time_max;
  Clock::time_point deadline = Clock::time_point::max();
};

Lease::Lease(Readers* pool, Slot* slot) : pool_(pool), slot_(slot), reader_(slot->connection) {}

Lease::~Lease() {
  if (pool_ != nullptr) pool_->give_back(slot_);
}

Readers::Readers(ConnectionOptions options, std::size_t count, std::chrono::milliseconds read_time_max) {
  if (count == 0) throw std::logic_error("a pool of no readers");
  options.read_only = true;
  for (std::size_t i = 0; i < count; ++i) {
    slots_.push_back(std::make_unique<Lease::Slot>(options, read_time_max));
    free_.push_back(slots_.back().get());
  }
}

Readers::~Readers() = default;

Lease Readers::lease() {
  Lease::Slot* slot = take();
  try {
    if (slot->time_max.count() > 0) slot->deadline = Clock::now() + slot->time_max;
    slot->tx.run("BEGIN");
    // BEGIN alone takes no snapshot, but the first read does. Without this read the snapshot would be newer than the
    // lease.
    slot->tx.run("PRAGMA schema_version");
  } catch (...) {
    give_back(slot);
    throw;
  }
  return Lease(this, slot);
}

Lease::Slot* Readers::take() {
  std::unique_lock lock(mutex_);
  returned_.wait(lock, [this] { return !free_.empty(); });
  Lease::Slot* slot = free_.back();  // the one used last has the warmest cache
  free_.pop_back();
  return slot;
}

void Readers::give_back(Lease::Slot* slot) noexcept {
  slot->deadline = Clock::time_point::max();
  try {
    if (slot->connection.in_transaction()) slot->tx.run("COMMIT");
  } catch (...) {
    slot->connection.rollback();
  }
  {
    const std::lock_guard lock(mutex_);
    free_.push_back(slot);
  }
  returned_.notify_one();
}

}  // namespace nexus::store
