// Makes the signed notes: for each chain that grew, and one for the store over all chains. A unit on the writer reads
// only the hashes that are new since the tree was last stored, at most so many at once that no mutation waits for it.
// When notes are due is decided here (every 1024 rows, or 60 s after a write); who ticks and who ends is serve.cpp's.
//
// Threads: all from any thread but `finish`, `catch_up` and `cover`, which wait for the writer, and `note_chain`, which
// is part of a unit.
#pragma once
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "daemon/audit/note.hpp"
#include "daemon/base/clock.hpp"
#include "daemon/base/realm.hpp"
#include "store/audit_proofs.hpp"
#include "store/database.hpp"

namespace nexus::audit {

class Checkpoints {
 public:
  Checkpoints(store::Database& database, SigningKey key, std::string instance_id);

  const PublicKey& key() const { return key_.public_key(); }
  const std::string& instance_id() const { return instance_id_; }

  /// When the newest note of this run was made; 0 before the first.
  Micros newest() const { return newest_; }

  /// Called several times a second: submits what is due.
  void tick();
  /// Notes for all that grew, before the writer stops. Throws what the store met.
  void finish();
  /// Offline: `next` signs from here on. Every chain, and the store, gets a note that names it, signed by both keys.
  /// Throws what the store met.
  void succeed(const SigningKey& next);
  /// Brings the chain's tree so near to its head that `note_chain` is quick.
  void catch_up(Realm realm);
  /// Has every row of the chain signed, unless a note of it does so already. Answers up to which row, nothing for a
  /// chain without a head; throws what the store met.
  std::optional<std::int64_t> cover(Realm realm);
  /// A note of the chain as it stands in this transaction.
  store::AuditNote note_chain(store::Tx& tx, Realm realm) const;

 private:
  /// How far the notes are, as the ticks know it. Shared with units that may outlive this object's caller.
  struct Progress {
    std::mutex mutex;
    bool running = false;
    std::uint64_t applied = 0;  // units of the writer when notes were last begun
    std::chrono::steady_clock::time_point made = std::chrono::steady_clock::now();
  };
  bool checkpoint_all(store::Tx& tx) const;
  void note_store(store::Tx& tx, const SigningKey* next = nullptr) const;
  void submit();

  store::Database& database_;
  const SigningKey key_;
  const std::string instance_id_;
  Progress progress_;
  mutable std::atomic<Micros> newest_{0};
};

}  // namespace nexus::audit
