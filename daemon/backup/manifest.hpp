// The manifest of a backup: the last entry of its archive, so that an archive that was cut has none.
//
// A backup is a tar archive (POSIX.1-2001, pax) of these entries, in this order:
//
//   nexus.db                    the database, complete without a log
//   blobs/BUCKET/KEY            each object of the local store, its sidecar `.meta.FILENAME` before it
//   keys.age                    the files of `keys/`, as a tar archive that age encrypted; only on demand
//   manifest.json               this
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/clock.hpp"

namespace nexus::backup {

inline constexpr std::string_view kDatabaseEntry = "nexus.db";
inline constexpr std::string_view kObjectsPrefix = "blobs/";
inline constexpr std::string_view kKeysEntry = "keys.age";
inline constexpr std::string_view kManifestEntry = "manifest.json";

/// The newest row of one audit chain.
struct ChainHead {
  std::string tenant_id, env;
  std::int64_t seq = 0;
  std::string hash;
  bool operator==(const ChainHead&) const = default;
};

/// The objects that the database names.
struct Objects {
  bool included = true;  // false: they stay where they are, in `where`
  std::string where;     // for people: the local store, or bucket and endpoint
  std::int64_t count = 0;
  std::int64_t bytes = 0;
  /// Over the lines "SHA-256 BYTES KEY\n" of the included objects, in the order of the archive. Lower-case hex.
  std::string sha256;
  /// Keys of objects that were deleted after the database was copied, and so are not here.
  std::vector<std::string> deleted_meanwhile;
  /// Keys of objects that the store had lost before. A backup with one of these is not whole.
  std::vector<std::string> lost;
};

struct Manifest {
  std::string backup_id;  // UUIDv7
  Micros made_at = 0;     // when the database's copy was complete: everything acknowledged before is in it
  std::string nexusd;     // the version that made it
  std::string instance_id;
  std::string epoch;
  std::int64_t schema = 0;  // PRAGMA user_version
  std::int64_t database_bytes = 0;
  std::string database_sha256;
  std::vector<ChainHead> chains;
  std::string checkpoint;  // the newest note over all chains; empty: none was made yet
  Objects objects;
  std::int64_t keys_recipients = 0;  // of keys.age; 0: the keys are not here
  std::string keys_sha256;           // of keys.age; empty without them
};

/// What names of archives begin and end with.
inline constexpr std::string_view kArchivePrefix = "nexus-", kArchiveSuffix = ".tar";
/// The name of an archive that was made then, in whole seconds of UTC: `nexus-20261201T023000Z.tar`. Names sort by
/// time.
std::string archive_name(Micros made_at);

/// Canonical JSON with a line end.
std::string to_text(const Manifest& manifest);
/// Throws std::runtime_error, one line for the operator, for text that is no manifest or one of a newer format.
Manifest parse_manifest(std::string_view text);

}  // namespace nexus::backup
