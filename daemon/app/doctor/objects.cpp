// Stored objects: there, in their size, with their content; and files that nothing on record names.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <random>

#include "daemon/app/doctor/probes.hpp"
#include "daemon/app/file_digest.hpp"
#include "daemon/app/object_storage.hpp"
#include "daemon/blobs/local_layout.hpp"
#include "daemon/blobs/s3_trial.hpp"
#include "daemon/blobs/storage_key.hpp"
#include "daemon/config/resolve.hpp"
#include "store/objects.hpp"

namespace nexus::app::doctor {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kSampleObjects = 64;
constexpr std::int64_t kSampleBytes = 256 << 20;  // of all in the sample together
constexpr Micros kOrphanAge = 2 * kHour;          // housekeeping removes what is pending after one

struct Recorded {
  std::string key;
  std::int64_t size = 0;
  std::string sha256;
};

std::vector<std::string> missing_objects(const store::Reader& reader, const fs::path& bucket, std::size_t& seen) {
  std::vector<std::string> missing;
  seen = 0;
  store::scan_object_records(reader, [&](std::string_view key, std::int64_t size, std::string_view) {
    ++seen;
    std::error_code absent;
    const fs::path object = bucket / key;
    const fs::path sidecar = object.parent_path() / blobs::sidecar_name(object.filename());
    const bool there = fs::file_size(object, absent) == static_cast<std::uintmax_t>(size) && !absent;
    if (!there || !fs::exists(sidecar, absent)) missing.emplace_back(key);
  });
  return missing;
}

/// A sample in which each object is as likely as any other (reservoir sampling, Vitter's algorithm R). All, if `deep`.
std::vector<Recorded> chosen_objects(const store::Reader& reader, bool deep) {
  std::vector<Recorded> chosen;
  std::mt19937_64 chance(std::random_device{}());
  std::size_t seen = 0;
  store::scan_object_records(reader, [&](std::string_view key, std::int64_t size, std::string_view sha256) {
    if (sha256.empty()) return;
    const Recorded object{std::string(key), size, std::string(sha256)};
    if (deep || chosen.size() < kSampleObjects)
      chosen.push_back(object);
    else if (const auto place = std::uniform_int_distribution<std::size_t>(0, seen)(chance); place < kSampleObjects)
      chosen[place] = object;
    ++seen;
  });
  return chosen;
}

/// The stored objects below the bucket that were written before `before`, each with its key.
void each_old_object(const fs::path& bucket, Micros before, const Within* within,
                     const std::function<void(const blobs::StorageKey&)>& take) {
  std::error_code error;
  for (fs::recursive_directory_iterator at(bucket / "tenants", error), end; at != end; at.increment(error)) {
    if (within != nullptr && within->stopping && within->stopping()) return;
    if (at->path().filename().native().starts_with(blobs::kSidecarPrefix)) continue;
    struct stat status {};
    if (::lstat(at->path().c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
    if (status.st_mtim.tv_sec * kSecond >= before) continue;
    if (const auto key = blobs::StorageKey::parse(at->path().lexically_relative(bucket).string())) take(*key);
  }
}

bool is_orphan(const store::Reader& reader, const blobs::StorageKey& key) {
  const std::string env(to_string(key.env()));
  const auto standing =
      store::find_object_standing(reader, {to_string(key.plane()), key.tenant().str(), env, key.owner(), key.str()});
  return standing == store::ObjectStanding::absent && !store::is_pending_object(reader, key.str());
}

void judge_digests(const store::Reader& reader, const fs::path& bucket, const Terms& terms, Findings& findings) {
  std::size_t compared = 0;
  std::int64_t bytes = 0;
  std::vector<std::string> changed;
  for (const auto& object : chosen_objects(reader, terms.deep)) {
    if (terms.within != nullptr && terms.within->stopping && terms.within->stopping()) return;
    if (!terms.deep && compared > 0 && bytes + object.size > kSampleBytes) continue;
    std::error_code absent;
    if (fs::file_size(bucket / object.key, absent) != static_cast<std::uintmax_t>(object.size) || absent) continue;
    ++compared;
    bytes += object.size;
    if (file_digest(bucket / object.key) != object.sha256) changed.push_back(object.key);
  }
  const std::string figures = std::to_string(compared) + " contents compared with their digests";
  if (!changed.empty())
    return findings.error("objects.changed", "files",
                          figures + ", " + std::to_string(changed.size()) + " differ, the first: " + changed.front(),
                          "restore these files from a backup: nexusd doctor --deep finds all");
  findings.ok("objects.contents", "files", figures);
  if (!terms.deep)
    findings.note("objects.sample", "files",
                  "a sample of at most " + std::to_string(kSampleObjects) + " objects was compared",
                  "nexusd doctor --deep compares all");
}

void judge_orphans(const store::Reader& reader, const fs::path& bucket, const Terms& terms, Micros now,
                   Findings& findings) {
  std::size_t seen = 0;
  std::vector<std::string> orphans;
  each_old_object(bucket, now - kOrphanAge, terms.within, [&](const blobs::StorageKey& key) {
    ++seen;
    if (is_orphan(reader, key)) orphans.push_back(key.str());
  });
  if (orphans.empty())
    return findings.ok("objects.orphans", "files",
                       std::to_string(seen) + " files are older than two hours, each named by a row");
  findings.warning("objects.orphan", "files",
                   std::to_string(orphans.size()) + " of " + std::to_string(seen) +
                       " files older than two hours are named by no row, the first: " + orphans.front(),
                   "look at each, and remove it: ls -l " + (bucket / orphans.front()).string());
}

}  // namespace

void probe_storage(const Config& config, Findings& findings) {
  if (config.blobs == BlobBackend::local) return findings.ok("objects.place", "blobs", storage_words(config));
  try {
    const auto options = s3_options(config);
    findings.ok("objects.place", "blobs", storage_words(config));
    blobs::try_round_trip(options, [&](bool ok, const std::string& step, const std::string& found) {
      std::string id = step;
      for (char& sign : id)
        if (sign == ' ') sign = '.';
      ok ? findings.ok(id, step, found)
         : findings.error(id, step, found, "mend the bucket, its policy or the keys: docs/s3.md");
    });
  } catch (const ConfigError& error) {
    findings.error("s3.configuration", "blobs", error.what(), "nexusd config explain s3-access-key-file");
  }
}

bool probe_objects(const store::Reader& reader, const Config& config, const fs::path& data_dir, Findings& findings) {
  if (const auto fault = object_home_fault(reader, config)) {
    findings.error("objects.home", "objects", *fault, "start with the bucket and the backend that hold them");
    return false;
  }
  findings.ok("objects.home", "objects", "lie where the configuration looks");
  if (config.blobs != BlobBackend::local) {
    findings.note("objects.present", "files", "the objects on S3 were not held against what is on record");
    return false;
  }
  const fs::path bucket = data_dir / "blobs" / config.s3_bucket;
  std::size_t seen = 0;
  auto missing = missing_objects(reader, bucket, seen);
  // Looks again: a running daemon may have deleted records meanwhile.
  if (!missing.empty()) missing = missing_objects(reader, bucket, seen);
  if (missing.empty())
    findings.ok("objects.present", "files", std::to_string(seen) + " on record, each there in its size");
  else
    findings.error("objects.missing", "files",
                   std::to_string(missing.size()) + " of " + std::to_string(seen) +
                       " on record are not there in their size, the first: " + missing.front(),
                   "restore blobs/ from the backup that belongs to this database");
  return true;
}

void probe_contents(const store::Reader& reader, const fs::path& bucket, const Terms& terms, Micros now,
                    Findings& findings) {
  judge_digests(reader, bucket, terms, findings);
  judge_orphans(reader, bucket, terms, now, findings);
}

}  // namespace nexus::app::doctor
