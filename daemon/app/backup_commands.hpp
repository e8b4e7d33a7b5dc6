// The commands `nexusd backup …`: to make a backup on the machine, to prove one, and to restore one.
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "daemon/config/config.hpp"

namespace nexus::app {

/// For making and restoring one. Throws ConfigError, with the tools to use instead, where the store is no file.
void require_file_store(const Config& config);

struct BackupRequest {
  std::string target;  // a directory, which gets a new file; a new file; or `-`, standard output
  bool objects = true;
  bool with_keys = false;
  std::vector<std::string> recipients = {};  // of age, for the keys: age1…, or an SSH public key
  bool verify = false;
  std::optional<int> keep = {};  // so many backups of the target directory, the newest; older ones are removed
};

/// Makes one: asks the daemon that runs on the data directory, or copies the files of one that does not run. Prints
/// what it made. Returns the exit code: 1 for one that is not whole. Throws ConfigError and std::runtime_error.
int create_backup(const Config& config, const BackupRequest& request);

/// Proves each, prints a line for each finding, and keeps the result for `readyz` and metrics where it is a backup of
/// the installation of the data directory. Returns 1 unless all are whole.
int verify_backups(const Config& config, const std::vector<std::string>& files);

struct RestoreRequest {
  std::string file;
  bool plan = false, as_it_was = false, without_living = false, json = false;
  std::optional<std::filesystem::path> keys = {};      // a directory with the key files
  std::optional<std::filesystem::path> identity = {};  // of age, for keys that are in it
};
/// Verifies and unpacks the backup, then restores it (restore.hpp). Returns the exit code.
int restore_from_backup(const Config& config, const RestoreRequest& request);

}  // namespace nexus::app
