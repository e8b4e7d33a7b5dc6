// Restoring a backup that was unpacked and verified. What the living store knows of narrowed rights is taken over, so
// that an older state never brings back what was revoked since; without a living store everything starts blocked.
//
// Everything is prepared below `restore.tmp` in the data directory, and nothing outside of it changes before
// `restore.tmp/ready` is written. From then on the swap is only renames, each of which can be done again: whoever takes
// the directory's lock next completes a swap that was cut (swap.hpp). So a crash leaves the old store or the new one.
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "daemon/backup/manifest.hpp"
#include "daemon/base/json.hpp"
#include "daemon/config/config.hpp"
#include "store/sqlite/directory.hpp"

namespace nexus::app {

/// The data directory during a restore. Threads: one.
class RestoreSite {
 public:
  /// Takes the directory's lock, and makes what is missing of the directory. Completes a restore that was cut, or
  /// removes its remains. Then makes an empty `unpacked()`. Throws store::DirectoryError (DirectoryInUse when a daemon
  /// runs) and std::system_error.
  explicit RestoreSite(const std::filesystem::path& data_dir);
  /// Removes `restore.tmp` with all that is in it, unless the swap was cut.
  ~RestoreSite();
  RestoreSite(const RestoreSite&) = delete;
  RestoreSite& operator=(const RestoreSite&) = delete;

  const store::DataDirectory& directory() const { return directory_; }
  /// Where the caller unpacks: nexus.db without a log, blobs/BUCKET/…, and keys/ if they were in the backup.
  std::filesystem::path unpacked() const { return directory_.path() / "restore.tmp" / "unpacked"; }
  /// What the constructor completed, a line for the operator; empty if nothing was cut.
  const std::string& finished() const { return finished_; }

 private:
  store::DataDirectory directory_;
  std::string finished_;
};

struct RestoreOptions {
  bool plan_only = false;                          // changes nothing of the store
  bool as_it_was = false;                          // takes nothing over, blocks nothing
  bool without_living = false;                     // a living database that cannot be compared counts as none
  std::optional<std::filesystem::path> keys = {};  // a directory with key files, for those that nothing else has
};

struct RestoreReport {
  std::vector<std::string> lines;  // for people: what is lost, taken over, to be done
  Json json;                       // the same for programs
};

/// Restores what was unpacked in `site.unpacked()`; the caller has verified it against `manifest`. The database there
/// is changed even if the restore is then refused. Throws std::runtime_error, one line for the operator with the
/// remedy: a living store of another installation, a damaged one, one of an older schema, missing keys. Then the living
/// store is as it was.
RestoreReport restore(RestoreSite& site, const Config& config, const backup::Manifest& manifest,
                      const RestoreOptions& options);

/// Does so, and prints the report on stdout, as JSON or as lines. What `site` had finished is the caller's to tell.
/// Returns the exit code of the process.
int restore_backup(RestoreSite& site, const Config& config, const backup::Manifest& manifest,
                   const RestoreOptions& options, bool as_json);

}  // namespace nexus::app
