// One open database file with every setting of the house applied and checked, and a cache of its prepared statements.
// The owners of a Connection begin and end transactions: Writer, Readers, migrations.
//
// Reasons for the settings: WAL with synchronous=FULL makes a COMMIT that returned survive power loss. No connection
// checkpoints automatically: SQLite before 3.51.3 can corrupt the file when one connection checkpoints while another
// commits, so only the writer's connection does both. With trusted_schema off and defensive on, a crafted file cannot
// run our functions. The library's limits are lowered to what our own SQL needs.
//
// Threads: one at a time (opened with NOMUTEX). Errors: Error, or SchemaError for a file that is not ours.
#pragma once
#include <atomic>
#include <filesystem>
#include <memory>
#include <unordered_map>

#include "store/error.hpp"
#include "store/query.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace nexus::store {

/// "NXUS": identifies our databases, for us and for `file`.
inline constexpr std::int32_t kApplicationId = 0x4E585553;

/// `normal` exists only as the control of the crash test: it may lose acknowledged rows. `off` is for a file that
/// nobody needs after a loss of power: it syncs nothing, so that the disk's other users do not wait for it.
enum class Synchronous { off, normal, full };

struct ConnectionOptions {
  std::filesystem::path path = {};
  bool read_only = false;  // a reader: never creates, writes or checkpoints
  bool offline = false;    // a reader of any of our files: in another journal mode, or on read-only media
  Synchronous synchronous = Synchronous::full;
  std::string vfs = {};                 // empty: the system's; the crash test uses its own
  std::atomic<bool>* damage = nullptr;  // set when SQLite finds the file corrupt; must outlive the connection
};

class Connection;

/// A prepared statement of a connection.
struct Statement final : Cursor {
  Statement(Connection* connection_, bool cached_, bool names_heads_)
      : connection(connection_), cached(cached_), names_heads(names_heads_) {}
  virtual ~Statement();
  bool next() override;
  bool is_null(int column) const override;
  std::int64_t integer(int column) const override;
  double real(int column) const override;
  std::string_view text(int column) const override;
  void release() noexcept override;

  Connection* connection;
  sqlite3_stmt* handle = nullptr;
  bool in_use = true;
  const bool cached;       // else it is finalised after use
  const bool names_heads;  // a table of heads (heads.hpp)
};

class SqliteSession : public Session {
 public:
  Cursor& start(std::string_view sql, std::span<const Argument> arguments) final;
  std::int64_t run(std::string_view sql, std::span<const Argument> arguments) final;
  /// Statements run at once: what run() returned.
  std::int64_t changed_by(std::int64_t run) final { return run; }
  const FullText& full_text() const final;
  std::int64_t count_rows(std::string_view table, bool by_number) final;
  virtual Connection& connection() = 0;

 protected:
  ~SqliteSession() = default;

 private:
  /// A statement without bound arguments, marked as in use.
  virtual Statement* acquire(std::string_view sql) = 0;
};

class Connection final : public SqliteSession {
 public:
  /// A writer creates a missing file. A file with foreign tables is refused before anything is written to it.
  explicit Connection(const ConnectionOptions& options);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Runs a script of statements without arguments, uncached.
  void execute(const char* script);
  /// Whether a transaction is open. False after SQLite itself rolled one back (full, io, no_memory).
  bool in_transaction() const;
  /// Rolls back if a transaction is open; never throws.
  void rollback() noexcept;
  const std::filesystem::path& path() const { return path_; }

  /// For the other files of store/sqlite.
  sqlite3* handle() const { return db_.get(); }
  Connection& connection() override { return *this; }
  /// A statement in use (a query inside the rows of the same query) is not shared: the second user gets a new one.
  Statement* acquire(std::string_view sql) override;
  /// Resets, unbinds, and keeps or finalises.
  static void release(Statement* statement) noexcept;
  [[noreturn]] void fail(int code, std::string_view doing) const;

 private:
  void open(const ConnectionOptions& options);
  void limit();
  void refuse_foreign(const ConnectionOptions& options);
  void configure(const ConnectionOptions& options);
  std::unique_ptr<Statement> prepare(std::string_view sql, bool cached);

  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  std::filesystem::path path_;
  std::atomic<bool>* damage_;
  std::unique_ptr<sqlite3, int (*)(sqlite3*)> db_;  // the statements end before it
  std::unordered_map<std::string, std::unique_ptr<Statement>, Hash, std::equal_to<>> statements_;  // by SQL
};

/// The same connection, for what must stay inside one transaction. After SQLite rolled it back (for example on a full
/// disk), every further call throws, so that a unit that swallowed the error cannot write outside of a transaction.
class InsideTransaction final : public SqliteSession {
 public:
  /// A statement that names a table of heads finds it written.
  explicit InsideTransaction(Connection& connection, Heads* heads = nullptr) : connection_(connection), heads_(heads) {}
  Connection& connection() override { return connection_; }

 private:
  Statement* acquire(std::string_view sql) override;

  Connection& connection_;
  Heads* heads_;
};

/// Throws std::logic_error for a transaction of another engine.
Connection& connection_of(Tx& tx);

/// `PRAGMA quick_check` or, with `full`, `integrity_check`: empty when the file is sound, else the first complaint.
/// For a connection that has not searched: SQLite 3.46 judges a full-text index by the list of its segments that the
/// connection read last, and takes another connection's later merge for damage.
std::string find_damage(Connection& connection, bool full);

}  // namespace nexus::store
