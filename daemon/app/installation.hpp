// One installation: the data directory, its database, its keys and its system token. It is opened, and made at the
// first start. Every act of the first start has its audit row, like any other.
//
// While it is open, the database file itself says so (`in_use`). A copy that says so and has no log beside it was made
// under a running daemon. It lacks what was only in the log.
#pragma once
#include <filesystem>
#include <memory>
#include <string>

#include "daemon/audit/chain.hpp"
#include "daemon/guard/keyring.hpp"
#include "store/sqlite/database.hpp"
#include "store/sqlite/directory.hpp"

namespace nexus::app {

/// Facts about the database itself (store::find_meta).
inline constexpr std::string_view kInstance = "instance_id";
inline constexpr std::string_view kEpoch = "epoch";
inline constexpr std::string_view kRoot = "root_token_sha256";
inline constexpr std::string_view kInUse = "in_use";

/// A new epoch: 8 hex digits. Streams that began under another one begin anew.
std::string new_epoch();

/// Throws ConfigError if there is no installation.
void require_installation(const std::filesystem::path& data_dir);

/// Whether the last writer did not close the database.
bool is_left_in_use(const store::Reader& reader);

struct InstallationOptions {
  std::filesystem::path data_dir;
  bool may_found = true;     // false: the commands beside `serve` never make an installation
  bool development = false;  // --dev: refuses an installation that it did not make
  store::Writer::Fatal on_fatal = {};
  bool copies = true;  // the database, before a migration rewrites its rows (copy_before.hpp)
};

class Installation {
 public:
  /// Takes the directory's lock. Throws ConfigError for a directory that these options forbid, and leaves it unchanged.
  /// Also throws DirectoryError, SchemaError, store::Error and std::system_error. All messages are lines for the
  /// operator.
  explicit Installation(InstallationOptions options);
  store::DataDirectory& directory() { return directory_; }
  const store::DataDirectory& directory() const { return directory_; }
  store::SqliteDatabase& database() { return *database_; }
  const std::string& instance_id() const { return instance_id_; }
  const std::string& root_token_sha256() const { return root_token_sha256_; }
  /// Whether the last writer left a log that is gone: acknowledged changes may be missing.
  bool lost_its_log() const { return lost_its_log_; }
  /// Whether the last writer ended without closing the database, and its log was there to recover from.
  bool recovered() const { return recovered_; }
  Keyring keys() const { return Keyring::load(directory_.keys()); }

  /// Takes the system token from root.token.next. Returns whether there was one.
  bool take_next_root();
  /// Marks the database as no longer in use, as its last write, and stops its writer. The destructor does so too.
  void close() { use_.end(); }

 private:
  /// Ends also when making the installation failed, because closing the database removes its log.
  class Use {
   public:
    explicit Use(store::Database& database) : database_(database) {}
    ~Use() { end(); }
    void end();

   private:
    store::Database& database_;
  };
  std::unique_ptr<store::SqliteDatabase> open(InstallationOptions& options);
  void found(bool development);
  void tell_cleared_switches();

  const bool had_log_before_;
  bool lost_its_log_ = false;
  bool recovered_ = false;
  store::DataDirectory directory_;
  std::unique_ptr<store::SqliteDatabase> database_;
  Use use_;
  std::string instance_id_;
  std::string root_token_sha256_;
};

/// Writes a new system token to root.token.next. The next start or SIGHUP takes it; the current token is valid until
/// then.
void write_next_root(const std::filesystem::path& data_dir);

}  // namespace nexus::app
