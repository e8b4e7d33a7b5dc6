#include "store/sqlite/connection.hpp"

#include <sqlite3.h>
#include <unistd.h>

#include <fstream>
#include <mutex>

#include "daemon/base/bytes.hpp"

#include "store/rows.hpp"
#include "store/sqlite/full_text.hpp"
#include "store/sqlite/result_code.hpp"

namespace nexus::store {
namespace {

constexpr int kBusyWriterMs = 5000;
constexpr int kBusyReaderMs = 1000;
constexpr int kValueBytesMax = 16 << 20;
constexpr int kSqlBytesMax = 256 << 10;

// The source contains a few hundred SQL texts. A search that builds its SQL may make many more. Those over the limit
// are prepared each time, so that they do not evict the statements of every request.
constexpr std::size_t kStatementsMax = 1024;

/// Without its statistics malloc inside SQLite takes no process-wide mutex. Refused (harmlessly) if a test has
/// initialised the library already.
void configure_library() {
  static std::once_flag once;
  std::call_once(once, [] { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); });
}

/// `octet_length(text)`, which SQLite has from 3.43 on: the number of its bytes.
void octet_length(sqlite3_context* result, int, sqlite3_value** values) {
  if (sqlite3_value_type(values[0]) != SQLITE_NULL) sqlite3_result_int(result, sqlite3_value_bytes(values[0]));
}

std::string one_text(Connection& connection, std::string_view sql) {
  return first(Reader(connection).query(sql), only_text).value_or("");
}

bool in_wal_mode(const std::filesystem::path& path) {
  char header[20] = {};
  std::ifstream(path, std::ios::binary).read(header, sizeof header);
  return header[18] == 2;
}

const char* synchronous_of(Synchronous synchronous) {
  if (synchronous == Synchronous::off) return "PRAGMA synchronous=OFF";
  return synchronous == Synchronous::normal ? "PRAGMA synchronous=NORMAL" : "PRAGMA synchronous=FULL";
}

/// How to open a file that nothing writes. SQLite creates the shared index of a write-ahead log beside the file. Where
/// it cannot, the log is read without the index. Only a file without a log is opened as immutable, because SQLite
/// silently ignores the log of an immutable file.
struct Way {
  std::string name, vfs;
  bool exclusive = false;  // the index is kept in memory
  bool uri = false;
};
Way way_of(const ConnectionOptions& options) {
  const std::filesystem::path &path = options.path, log = path.string() + "-wal", index = path.string() + "-shm";
  const std::filesystem::path directory = path.parent_path().empty() ? "." : path.parent_path();
  std::error_code ignored;
  const bool shared = std::filesystem::exists(index, ignored) && std::filesystem::exists(log, ignored);
  if (!options.offline || shared || ::access(directory.c_str(), W_OK) == 0 || !in_wal_mode(path))
    return {path, options.vfs};
  if (const auto bytes = std::filesystem::file_size(log, ignored); !ignored && bytes > 0)
    return {path, "unix-none", true};
  return {"file:" + percent_encode(std::filesystem::absolute(path).string(), true) + "?immutable=1", options.vfs, false,
          true};
}

}  // namespace

Connection::Connection(const ConnectionOptions& options)
    : path_(options.path), damage_(options.damage), db_(nullptr, sqlite3_close_v2) {
  configure_library();
  try {
    open(options);
    limit();
    refuse_foreign(options);
    configure(options);
    if (const int code = register_full_text(handle()); code != SQLITE_OK) fail(code, "full-text search");
    if (const int code = sqlite3_create_function_v2(handle(), "octet_length", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
                                                    nullptr, octet_length, nullptr, nullptr, nullptr);
        code != SQLITE_OK)
      fail(code, "octet_length");
    if (options.read_only) execute("PRAGMA query_only=ON");
  } catch (const Error& error) {
    if (error.failure != Failure::corrupt) throw;
    throw SchemaError(path_.string() + " is damaged or no database (" + error.what() + "): restore it from a backup");
  }
}

void Connection::open(const ConnectionOptions& options) {
  const Way way = way_of(options);
  const int access = options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  const int how = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | (way.uri ? SQLITE_OPEN_URI : 0);
  sqlite3* opened = nullptr;
  const int code =
      sqlite3_open_v2(way.name.c_str(), &opened, access | how, way.vfs.empty() ? nullptr : way.vfs.c_str());
  db_.reset(opened);
  if (code != SQLITE_OK) fail(code, "open " + path_.string());
  sqlite3_extended_result_codes(handle(), 1);
  if (way.exclusive) execute("PRAGMA locking_mode=EXCLUSIVE");
  // The first setting, because every later one may meet a lock.
  sqlite3_busy_timeout(handle(), options.read_only ? kBusyReaderMs : kBusyWriterMs);
}

void Connection::limit() {
  sqlite3_limit(handle(), SQLITE_LIMIT_LENGTH, kValueBytesMax);
  sqlite3_limit(handle(), SQLITE_LIMIT_SQL_LENGTH, kSqlBytesMax);
  sqlite3_limit(handle(), SQLITE_LIMIT_VARIABLE_NUMBER, 2048);
  sqlite3_limit(handle(), SQLITE_LIMIT_EXPR_DEPTH, 100);
  sqlite3_limit(handle(), SQLITE_LIMIT_ATTACHED, 0);
  sqlite3_limit(handle(), SQLITE_LIMIT_TRIGGER_DEPTH, 10);
  sqlite3_limit(handle(), SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 4096);
  sqlite3_limit(handle(), SQLITE_LIMIT_WORKER_THREADS, 0);
  sqlite3_db_config(handle(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle(), SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(handle(), SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(handle(), SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
}

// Called before journal_mode=WAL, which writes into the file: a foreign database must stay unchanged.
void Connection::refuse_foreign(const ConnectionOptions& options) {
  const auto application = integer_of(Reader(*this).query("PRAGMA application_id"));
  if (application == kApplicationId) return;
  const bool empty = integer_of(Reader(*this).query("SELECT count(*) FROM sqlite_schema")) == 0;
  if (application == 0 && empty) return;
  throw SchemaError(path_.string() + " is a database of another program" +
                    (options.offline ? "" : ": choose another --data-dir"));
}

void Connection::configure(const ConnectionOptions& options) {
  execute(synchronous_of(options.synchronous));
  if (options.read_only) {
    sqlite3_db_config(handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  } else {
    execute("PRAGMA page_size=4096; PRAGMA auto_vacuum=0; PRAGMA journal_mode=WAL");
    if (integer_of(Reader(*this).query("PRAGMA application_id")) != kApplicationId) {
      execute(("PRAGMA application_id=" + std::to_string(kApplicationId)).c_str());
    }
  }
  if (one_text(*this, "PRAGMA journal_mode") != "wal" && !options.offline) {
    throw SchemaError(path_.string() + " cannot use write-ahead logging here: put --data-dir on a local file system");
  }
  execute(
      "PRAGMA wal_autocheckpoint=0; PRAGMA journal_size_limit=67108864; PRAGMA foreign_keys=ON;"
      "PRAGMA cell_size_check=ON; PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY; PRAGMA secure_delete=FAST");
  execute(options.read_only ? "PRAGMA cache_size=-16384" : "PRAGMA cache_size=-65536");
}

void Connection::execute(const char* script) {
  const int code = sqlite3_exec(handle(), script, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(code, "script");
}

bool Connection::in_transaction() const { return sqlite3_get_autocommit(handle()) == 0; }

void Connection::rollback() noexcept {
  if (in_transaction()) sqlite3_exec(handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

Statement* Connection::acquire(std::string_view sql) {
  if (const auto found = statements_.find(sql); found != statements_.end()) {
    Statement* statement = found->second.get();
    if (statement->in_use) return prepare(sql, false).release();
    statement->in_use = true;
    return statement;
  }
  const bool cached = statements_.size() < kStatementsMax;
  auto statement = prepare(sql, cached);
  if (!cached) return statement.release();
  return statements_.emplace(std::string(sql), std::move(statement)).first->second.get();
}

std::unique_ptr<Statement> Connection::prepare(std::string_view sql, bool cached) {
  std::unique_ptr<Statement> statement(new Statement(this, cached, sql.find("_heads") != std::string_view::npos));
  const unsigned flags = cached ? SQLITE_PREPARE_PERSISTENT : 0;
  const int code =
      sqlite3_prepare_v3(handle(), sql.data(), static_cast<int>(sql.size()), flags, &statement->handle, nullptr);
  if (code != SQLITE_OK) fail(code, sql);
  if (statement->handle == nullptr) throw std::logic_error("an empty SQL statement");
  return statement;
}

void Connection::release(Statement* statement) noexcept {
  if (!statement->cached) {
    delete statement;
    return;
  }
  // reset returns the error of the last step again, which was already thrown.
  sqlite3_reset(statement->handle);
  sqlite3_clear_bindings(statement->handle);
  statement->in_use = false;
}

void Connection::fail(int code, std::string_view doing) const {
  if (damage_ != nullptr && classify(code) == Failure::corrupt) *damage_ = true;
  const char* why = handle() != nullptr ? sqlite3_errmsg(handle()) : sqlite3_errstr(code);
  throw Error(classify(code), "sqlite " + std::to_string(code) + ": " + why + " [" + std::string(doing) + "]");
}

std::string find_damage(Connection& connection, bool full) {
  const std::string answer = one_text(connection, full ? "PRAGMA integrity_check(1)" : "PRAGMA quick_check(1)");
  return answer == "ok" ? std::string() : answer;
}

}  // namespace nexus::store
