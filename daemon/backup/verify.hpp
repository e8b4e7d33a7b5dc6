// Proves a backup: restores its database to a temporary place and judges it as `audit verify --database` would, with
// every page and every chain, and holds the digest of each object against the one on record.
#pragma once
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "daemon/backup/manifest.hpp"
#include "daemon/base/file.hpp"

namespace nexus::backup {

struct Verdict {
  Manifest manifest;
  std::vector<std::string> faults;  // lines for the operator; empty: it is whole
  std::vector<std::string> notes;   // what it does not hold or what could not be proved
  std::int64_t chains = 0;
  std::int64_t audit_rows = 0;
  std::int64_t objects = 0;
};

/// The manifest of an archive, and where its entry begins.
struct FoundManifest {
  Manifest manifest;
  off_t at = 0;
};
/// Reads the archive up to its manifest, and judges its form alone. Throws std::runtime_error, one line for the
/// operator, for what is no backup or was cut.
FoundManifest read_manifest(const Fd& file);

/// Where it is unpacked.
struct Place {
  std::filesystem::path directory;  // exists; gets nexus.db
  bool keeps_objects = false;       // also gets blobs/ and keys.age, as a data directory has them; synced
};

/// Fills as much of the buffer as it can; 0 at the end.
using ReadBackup = std::function<std::size_t(char* buffer, std::size_t size)>;

/// Reads the whole archive. What is wrong with it is told in the verdict; once its form is broken, nothing behind that
/// is judged. Throws std::system_error and store::Error where the place fails.
Verdict verify(const ReadBackup& read, const Place& place);
/// The same of a file; `-` is standard input.
Verdict verify(const std::string& file, const Place& place);
/// The same in a temporary directory beside the file, which is removed again. From then on the calling thread works in
/// the background: a daemon on the machine must not feel the proof.
Verdict prove(const std::string& file);

/// The names of what is made beside backups begin so, then with the process and a dash.
inline constexpr std::string_view kPartPrefix = ".nexus-part-", kScratchPrefix = ".nexus-verify-";
/// Removes what processes that are gone left in the directory under such names.
void remove_left(const std::filesystem::path& directory);

}  // namespace nexus::backup
