// The open store: one writer, and snapshots to read. Implemented by an engine: sqlite/database.hpp.
#pragma once
#include <string>

#include "store/bell.hpp"
#include "store/leadership.hpp"
#include "store/lease.hpp"
#include "store/writer.hpp"

namespace nexus::store {

/// What a server's store is made of now.
struct History {
  std::string timeline;          // another one after a standby took over, and after a restore
  std::optional<Place> lost;     // a place whose rows, committed by this daemon, are not in it
  bool was_synchronous = false;  // before the connection was lost, commits waited for a standby
};

/// Its end stops the writer. All leases must have ended by then.
class Database {
 public:
  Database() = default;
  virtual ~Database() = default;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// A snapshot. Waits while all connections are leased. Throws Error when the snapshot cannot begin. Threads: any.
  virtual Lease read() = 0;
  virtual Writer& writer() = 0;
  /// Whether the engine found the stored data damaged since it was opened.
  virtual bool is_damaged() const = 0;
  /// Why nothing can be written now, in one line, where that passes by itself: a server that is away. Empty while all
  /// is well, and with an engine that has no such time. Threads: any; does not wait.
  virtual std::string not_ready() const { return {}; }
  /// How the other daemons on this store are told and heard; null where no other may be.
  virtual Bell* bell() { return nullptr; }
  /// At first, and after the connection to the server was lost: what the store is made of now. Else nothing, as with an
  /// engine that has no server. Reads the store. Throws Error. Threads: one at a time.
  virtual std::optional<History> new_history() { return {}; }
  /// Lives as long as the database.
  virtual const Leadership& leadership() const { return sole_leadership(); }
};

}  // namespace nexus::store
