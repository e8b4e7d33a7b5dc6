// One installation: the data directory, its database, its keys and its system token, opened and, at the first start,
// made. Every act of the first start has its audit row, as any other.
//
// While it is open the database says so (`in_use`), in the file itself. A copy that says so and has no log beside it
// was taken from under a running daemon, and what stood in the log alone is missing from it.
#pragma once
#include <filesystem>
#include <memory>
#include <string>

#include "daemon/audit/chain.hpp"
#include "daemon/guard/keyring.hpp"
#include "store/database.hpp"
#include "store/sqlite/directory.hpp"

namespace nexus::app {

/// Throws ConfigError where no installation is.
void require_installation(const std::filesystem::path& data_dir);

/// Whether the database was left open by whoever wrote it last.
bool is_left_in_use(const store::Reader& reader);

struct InstallationOptions {
  std::filesystem::path data_dir;
  bool may_found = true;     // false: the commands beside `serve` never make an installation
  bool development = false;  // --dev: refuses an installation that it did not make
  store::Writer::Fatal on_fatal = {};
};

class Installation {
 public:
  /// Takes the directory's lock. Throws ConfigError for a directory that is not to be used so, and leaves it as it is;
  /// DirectoryError, SchemaError, store::Error or std::system_error; all messages are lines for the operator.
  explicit Installation(InstallationOptions options);
  store::DataDirectory& directory() { return directory_; }
  store::Database& database() { return *database_; }
  const std::string& instance_id() const { return instance_id_; }
  const std::string& root_token_sha256() const { return root_token_sha256_; }
  /// The last one who wrote left a log behind, and it is gone: what was acknowledged may be missing.
  bool lost_its_log() const { return lost_its_log_; }
  Keyring keys() const { return Keyring::load(directory_.keys()); }

  /// Takes the system token that waits in root.token.next, if one does; answers whether.
  bool take_next_root();
  /// The last word to the database: no longer in use. Then its writer stops. The destructor does so too.
  void close() { use_.end(); }

 private:
  /// Ends also where the installation was not made to its end: who closes the database takes its log away.
  class Use {
   public:
    explicit Use(store::Database& database) : database_(database) {}
    ~Use() { end(); }
    void end();

   private:
    store::Database& database_;
  };
  std::unique_ptr<store::Database> open(InstallationOptions& options);
  void found(bool development);
  void tell_cleared_switches();

  const bool had_log_before_;
  bool lost_its_log_ = false;
  store::DataDirectory directory_;
  std::unique_ptr<store::Database> database_;
  Use use_;
  std::string instance_id_;
  std::string root_token_sha256_;
};

/// Writes a new system token to root.token.next, where the next start, or SIGHUP, finds it. The token that is there now
/// stays good until then.
void write_next_root(const std::filesystem::path& data_dir);

}  // namespace nexus::app
