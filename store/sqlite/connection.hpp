// One open database file with every setting of the house applied and checked, and a cache of its prepared statements.
// Transactions are begun and ended by those who own a Connection: Writer, Readers, migrations.
//
// Why these settings: WAL with synchronous=FULL, so that a COMMIT that returned survives power loss. No automatic
// checkpoint on any connection: SQLite before 3.51.3 can corrupt the file when one connection checkpoints while another
// commits, so the writer's connection, and it alone, does both. trusted_schema off and defensive on: a crafted file
// cannot run functions of ours. The library's limits are lowered to what our own SQL needs.
//
// Threads: opened with NOMUTEX; one thread at a time. Errors: Error, or SchemaError for a file that is not ours.
#pragma once
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "store/sqlite/error.hpp"
#include "store/sqlite/query.hpp"

struct sqlite3;

namespace nexus::store {

class StatementCache;

/// "NXUS": what `file` and we ourselves recognise our databases by.
inline constexpr std::int32_t kApplicationId = 0x4E585553;

/// normal exists for the crash test's control only: it may lose acknowledged rows.
enum class Synchronous { normal, full };

struct ConnectionOptions {
  std::filesystem::path path = {};
  bool read_only = false;  // a reader: never creates, never writes, never checkpoints
  bool offline = false;    // a reader of any file of ours: in another journal mode, or on media that cannot be written
  Synchronous synchronous = Synchronous::full;
  std::string vfs = {};                 // empty: the system's; the crash test names its own
  std::atomic<bool>* damage = nullptr;  // set once SQLite found the file corrupt; outlives the connection
};

class Connection {
 public:
  /// A writer creates a missing file. A file with tables that are not ours is refused before anything is written to it.
  explicit Connection(const ConnectionOptions& options);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Runs a script of statements without arguments, uncached.
  void execute(const char* script);
  /// Inside a transaction? False after SQLite itself rolled one back (full, io, no_memory).
  bool in_transaction() const;
  /// Rolls back if a transaction is open; never throws.
  void rollback() noexcept;
  /// The settings as the open connection answers them, by PRAGMA name.
  std::map<std::string, std::string> settings();
  const std::filesystem::path& path() const { return path_; }

  /// For the other files of store/sqlite.
  sqlite3* handle() const { return db_; }
  StatementCache& statements() { return *statements_; }
  [[noreturn]] void fail(int code, std::string_view doing) const;

 private:
  void open(const ConnectionOptions& options);
  void limit();
  void refuse_foreign(const ConnectionOptions& options);
  void configure(const ConnectionOptions& options);
  void close() noexcept;

  std::filesystem::path path_;
  std::atomic<bool>* damage_;
  sqlite3* db_ = nullptr;
  std::unique_ptr<StatementCache> statements_;
};

/// `PRAGMA quick_check` or, with `full`, `integrity_check`: empty when the file is sound, else the first complaint.
std::string find_damage(Connection& connection, bool full);

}  // namespace nexus::store
