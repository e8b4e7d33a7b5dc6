// One installation: the data directory, its store, its keys and its system token. It is opened, and made at the first
// start. Every act of the first start has its audit row, like any other.
//
// While the store is open as a file, it says so itself (`in_use`). A copy that says so and has no log beside it was
// made under a running daemon. It lacks what was only in the log.
#pragma once
#include <filesystem>
#include <memory>
#include <string>

#include "daemon/app/open_store.hpp"
#include "daemon/audit/chain.hpp"
#include "daemon/guard/keyring.hpp"
#include "store/sqlite/directory.hpp"

namespace nexus::app {

/// Facts about the database itself (store::find_meta).
inline constexpr std::string_view kInstance = "instance_id";
inline constexpr std::string_view kEpoch = "epoch";
inline constexpr std::string_view kRoot = "root_token_sha256";
inline constexpr std::string_view kInUse = "in_use";

/// A new epoch: 8 hex digits. Streams that began under another one begin anew.
std::string new_epoch();

/// Throws ConfigError if the data directory is of no installation. A database on a server is not asked.
void require_installation(const StorePlace& place);

/// Whether the last writer did not close the database.
bool is_left_in_use(const store::Reader& reader);

struct InstallationOptions {
  std::filesystem::path data_dir;
  bool may_found = true;  // false: the commands beside `serve` never make an installation
  StoreUse use = StoreUse::beside;
  bool development = false;            // --dev: refuses an installation that it did not make
  store::Writer::Fatal on_fatal = {};  // of a store in a file
  bool copies = true;                  // the database, before a migration rewrites its rows (copy_before.hpp)
  std::string database = {};           // PostgreSQL's address; empty: a file
  std::filesystem::path database_password_file = {};
  bool require_sync = false;  // refuses a server whose commits wait for no standby

  /// As the configuration says, for the directory that it names.
  static InstallationOptions of(const Config& config);
  StorePlace place() const { return {data_dir / "nexus.db", database, database_password_file}; }
};

class Installation {
 public:
  /// Takes the directory's lock. Throws ConfigError for a directory that these options forbid, and leaves it unchanged.
  /// Also throws DirectoryError, SchemaError, store::Error and std::system_error. All messages are lines for the
  /// operator.
  explicit Installation(InstallationOptions options);
  store::DataDirectory& directory() { return directory_; }
  const store::DataDirectory& directory() const { return directory_; }
  store::Database& database() { return *store_.database; }
  /// The store as a file, for what only a file has; null with PostgreSQL.
  store::SqliteDatabase* file() { return store_.file; }
  /// The store on a server, for what only a server has; null with a file.
  store::PostgresDatabase* server() { return store_.server; }
  /// How it was opened.
  const OpenStore& store() const { return store_; }
  const std::string& instance_id() const { return instance_id_; }
  const std::string& root_token_sha256() const { return root_token_sha256_; }
  /// Whether the last writer left a log that is gone: acknowledged changes may be missing.
  bool lost_its_log() const { return lost_its_log_; }
  /// Whether the last writer ended without closing the database, and its log was there to recover from.
  bool recovered() const { return recovered_; }
  Keyring keys() const { return Keyring::load(directory_.keys()); }
  /// For a daemon that serves from a database with others: tells them which signing keys it has. `starts`: throws
  /// std::runtime_error, one line, where it lacks the key by which the others sign, because their tokens would be
  /// refused here.
  void tell_keys(const Keyring& keys, bool starts);

  /// Takes the system token from root.token.next. Returns whether there was one.
  bool take_next_root() { return take_root(false); }
  /// Another daemon on the database has put the system token with this digest in force.
  bool trust_root(const std::string& sha256) { return std::exchange(root_token_sha256_, sha256) != sha256; }
  /// Marks a file as no longer in use, as its last write, and stops the writer. The destructor does so too.
  void close() { use_.end(); }

 private:
  /// Ends also when making the installation failed, because closing the database removes its log.
  class Use {
   public:
    explicit Use(OpenStore& opened) : opened_(opened) {}
    ~Use() { end(); }
    void end();

   private:
    OpenStore& opened_;
  };
  OpenStore open(InstallationOptions& options);
  OpenStore open_own_file(InstallationOptions& options);
  void found(bool development);
  /// `as_first`: not where another daemon, on a database that they share, was first.
  bool take_root(bool as_first);
  void tell_cleared_switches();

  const bool had_log_before_;
  bool lost_its_log_ = false;
  bool recovered_ = false;
  store::DataDirectory directory_;
  OpenStore store_;
  Use use_;
  std::string instance_id_;
  std::string root_token_sha256_;
};

/// Writes a new system token to root.token.next. The next start or SIGHUP takes it; the current token is valid until
/// then.
void write_next_root(const std::filesystem::path& data_dir);

}  // namespace nexus::app
