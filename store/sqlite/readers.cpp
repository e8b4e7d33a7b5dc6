#include "store/sqlite/readers.hpp"

#include <sqlite3.h>

#include <algorithm>

#include "daemon/base/patient_thread.hpp"

#include "store/sqlite/wal_index.hpp"

namespace nexus::store {
namespace {
using Clock = std::chrono::steady_clock;
// About a millisecond of work between two looks at the clock.
constexpr int kInstructionsPerLook = 20'000;
// How long a snapshot may be leased again after it began. Its last lease may take as long as any.
constexpr std::chrono::seconds kKeptMax{1};
}  // namespace

struct Readers::Slot final : LeasedPlace {
  Slot(Readers& pool_, const ConnectionOptions& options, std::chrono::milliseconds time_max_)
      : pool(pool_), connection(options), tx(connection), index(connection), time_max(time_max_) {
    if (time_max.count() > 0) sqlite3_progress_handler(connection.handle(), kInstructionsPerLook, is_late, this);
  }
  void give_back() noexcept override;
  static int is_late(void* self) { return Clock::now() > static_cast<Slot*>(self)->deadline ? 1 : 0; }

  bool is_current(Clock::time_point now) const {
    return connection.in_transaction() && now < begun + kKeptMax && state != WalIndex::Header{} &&
           index.header() == state;
  }
  void begin(Clock::time_point now) {
    asked = AskedOnce();
    begun = now;
    state = index.header();  // before the snapshot: an older state than its own is never taken for the newest
    tx.run("BEGIN");
    // BEGIN alone takes no snapshot, but the first read does. Without this read the snapshot would be newer than the
    // lease.
    tx.run("PRAGMA schema_version");
  }
  void end() noexcept {
    try {
      if (connection.in_transaction()) tx.run("COMMIT");
    } catch (...) {
      connection.rollback();
    }
  }

  Readers& pool;
  Connection connection;
  Tx tx;  // for BEGIN and COMMIT; query_only and the read-only open keep it from writing
  WalIndex index;
  std::chrono::milliseconds time_max;
  Clock::time_point deadline = Clock::time_point::max();
  // The snapshot: what is there while a transaction is open.
  WalIndex::Header state{};
  Clock::time_point begun;
  std::uint64_t turn = 0;  // of the pool, when the snapshot was leased first
  AskedOnce asked;
};

void Readers::Slot::give_back() noexcept { pool.give_back(this); }

Readers::Readers(ConnectionOptions options, std::size_t count, std::chrono::milliseconds read_time_max) {
  if (count == 0) throw std::logic_error("a pool of no readers");
  options.read_only = true;
  left_ = count > 1 ? 1 : 0;
  for (std::size_t i = 0; i < count; ++i) {
    slots_.push_back(std::make_unique<Slot>(*this, options, read_time_max));
    free_.push_back(slots_.back().get());
  }
}

Readers::~Readers() = default;

Lease Readers::lease() {
  Slot* slot = take();
  try {
    const auto now = Clock::now();
    if (slot->time_max.count() > 0) slot->deadline = now + slot->time_max;
    if (!slot->is_current(now)) {
      slot->end();
      slot->begin(now);
    }
  } catch (...) {
    slot->end();
    give_back(slot);
    throw;
  }
  return Lease(*slot, slot->connection, slot->asked);
}

Readers::Slot* Readers::take() {
  std::unique_lock lock(mutex_);
  if (thread_is_patient)
    returned_to_patient_.wait(lock, [this] { return free_.size() > left_; });
  else
    returned_.wait(lock, [this] { return !free_.empty(); });
  Slot* slot = free_.back();  // the one used last has the warmest cache
  free_.pop_back();
  if (!slot->connection.in_transaction()) slot->turn = turn_;
  return slot;
}

/// Returns nothing if there is none.
Readers::Slot* Readers::take_kept(Clock::time_point begun_before) noexcept {
  const std::lock_guard lock(mutex_);
  const auto kept = std::ranges::find_if(free_, [begun_before](const Slot* slot) {
    return slot->connection.in_transaction() && slot->begun < begun_before;
  });
  if (kept == free_.end()) return nullptr;
  Slot* slot = *kept;
  free_.erase(kept);
  return slot;
}

void Readers::give_back(Slot* slot) noexcept {
  slot->deadline = Clock::time_point::max();
  {
    std::unique_lock lock(mutex_);
    if (slot->turn != turn_ || turn_ % 2 != 0) {
      lock.unlock();
      slot->end();
      lock.lock();
    }
    free_.push_back(slot);
  }
  returned_.notify_one();
  returned_to_patient_.notify_one();
}

void Readers::make_way(bool waits) noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (waits == (turn_ % 2 == 0)) ++turn_;
  }
  while (Slot* slot = take_kept(Clock::time_point::max())) give_back(slot);
}

void Readers::tidy() noexcept {
  while (Slot* slot = take_kept(Clock::now() - kKeptMax)) {
    slot->end();
    give_back(slot);
  }
}

}  // namespace nexus::store
