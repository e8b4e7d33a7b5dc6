// Makes the signed notes: one for each chain that grew, and one for the store over all chains. A unit on the writer
// reads only the hashes that are new since the tree was last stored, and few enough that no mutation waits noticeably.
// Notes are due every 1024 rows, or 60 s after a write. serve.cpp calls tick and finish.
//
// Units of chains name them, so that those of other chains run meanwhile. Only the note over all chains is made while
// nobody writes. It tells of each chain the row of its last note, and not of a head that has moved on since. Of daemons
// that share a store, the leader alone makes the due ones; it counts what the others write, too.
//
// Threads: any, except that `finish`, `catch_up` and `cover` wait for the writer and so must not run on its thread, and
// `note_chain` is part of a unit.
#pragma once

#include <memory>
#include <span>

#include "daemon/audit/note.hpp"
#include "daemon/base/clock.hpp"
#include "daemon/base/realm.hpp"
#include "store/audit_log.hpp"
#include "store/database.hpp"

namespace nexus::audit {

class Checkpoints {
 public:
  Checkpoints(store::Database& database, SigningKey key, std::string instance_id);

  const PublicKey& key() const { return key_.public_key(); }
  const std::string& instance_id() const { return instance_id_; }

  /// When this run made its newest note over all chains; 0 before the first.
  Micros newest() const { return newest_; }
  /// Of daemons that share a store: when any of them did, in this run or before; 0 before the first of all.
  Micros newest(const store::Reader& reader) const;

  /// Submits due notes. Called several times a second.
  void tick();
  /// Makes notes for all grown chains, before the writer stops; none where another daemon leads. Throws the store's
  /// error, or NotLeader.
  void finish();
  /// Offline: makes `next` the signing key. Every chain, and the store, gets a note that names it, signed by both keys.
  /// Throws the store's error.
  void succeed(const SigningKey& next);
  /// Advances the chain's tree near enough to its head that `note_chain` is quick.
  void catch_up(Realm realm);
  /// Makes a note over every row of the chain, unless one exists already. Returns the last signed row, or nothing for a
  /// chain without a head. Throws the store's error.
  std::optional<std::int64_t> cover(Realm realm);
  /// Makes a note of the chain in its state in this transaction.
  store::AuditNote note_chain(store::Tx& tx, Realm realm) const;

 private:
  /// The progress of the notes as the ticks see it. Shared with units that may outlive this object's caller.
  struct Progress {
    std::mutex mutex;
    bool running = false;
    std::uint64_t applied = 0;  // units when notes were last made
    std::chrono::steady_clock::time_point made = std::chrono::steady_clock::now();
  };
  class Round;
  std::uint64_t applied() const;  // units, of all daemons
  std::size_t note_some(store::Tx& tx, std::span<const store::AuditHead> chains) const;
  void note_store(store::Tx& tx, const SigningKey* next = nullptr) const;
  void submit(const std::shared_ptr<Round>& round);

  store::Database& database_;
  const SigningKey key_;
  const std::string instance_id_;
  Progress progress_;
  mutable std::atomic<Micros> newest_{0};
};

}  // namespace nexus::audit
