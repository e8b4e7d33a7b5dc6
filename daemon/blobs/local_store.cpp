// Names, reading, removing, sweeping. Writing is upload.cpp.
#include "daemon/blobs/local_store.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "daemon/base/bytes.hpp"
#include "daemon/base/text.hpp"
#include "daemon/blobs/local_layout.hpp"
#include "daemon/blobs/problems.hpp"

namespace nexus::blobs {
namespace {

constexpr std::size_t kSidecarBytesMax = 4096;

/// The disk does not hold what was stored: refuse rather than serve wrong content.
[[noreturn]] void refuse_damaged() {
  throw Problem(problems::storage_unavailable, "The stored object and its description disagree; ask the operator.");
}

/// Opens a file below `directory` read-only, following no link. Empty when there is none of this name.
Fd open_existing(int directory, const char* name, int flags) {
  int fd = -1;
  do fd = ::openat(directory, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | flags);
  while (fd < 0 && errno == EINTR);
  if (fd < 0 && errno != ENOENT) throw_storage_problem(errno);
  return Fd(fd);
}

std::string read_small(int fd) {
  std::string text(kSidecarBytesMax, '\0');
  std::size_t have = 0;
  while (have < text.size()) {
    const ssize_t got = ::read(fd, text.data() + have, text.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw_storage_problem(errno);
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  text.resize(have);
  return text;
}

/// Size of the regular file behind `fd`.
std::uint64_t size_of(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) throw_storage_problem(errno);
  if (!S_ISREG(status.st_mode)) refuse_damaged();
  return static_cast<std::uint64_t>(status.st_size);
}

bool exists(int directory, const std::string& name) {
  struct stat status {};
  if (::fstatat(directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) return true;
  if (errno == ENOENT) return false;
  throw_storage_problem(errno);
}

}  // namespace

std::array<std::string, 5> owner_segments(const StorageKey& key) {
  return {"tenants", key.tenant().str(), std::string(to_string(key.env())), std::string(to_string(key.plane())),
          key.owner()};
}

std::string plane_path(std::string_view bucket, const StorageKey& key) {
  const auto segments = owner_segments(key);
  std::string out(bucket);
  for (std::size_t i = 0; i + 1 < segments.size(); ++i) out.append("/").append(segments[i]);
  return out;
}

std::string owner_path(std::string_view bucket, const StorageKey& key) {
  return plane_path(bucket, key) + "/" + key.owner();
}

std::string sidecar_name(const std::string& filename) { return std::string(kSidecarPrefix) + filename; }

std::string sidecar_text(const ObjectInfo& info) {
  return canonical(Json{{"content_type", info.content_type},
                        {"created_at", to_rfc3339(info.created_at)},
                        {"sha256", info.sha256},
                        {"size", info.size}}) +
         "\n";
}

std::optional<ObjectInfo> parse_sidecar(std::string_view text) {
  try {
    const Json json = parse_json(text);
    ObjectInfo info;
    info.size = json.at("size").get<std::uint64_t>();
    info.sha256 = json.at("sha256").get<std::string>();
    info.content_type = json.at("content_type").get<std::string>();
    const auto created_at = parse_rfc3339(json.at("created_at").get<std::string>());
    if (!created_at || info.sha256.size() != 64 || !unhex(info.sha256)) return std::nullopt;
    info.created_at = *created_at;
    info.etag = "\"" + info.sha256 + "\"";
    return info;
  } catch (const JsonError&) {
    return std::nullopt;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

LocalStore::OwnerLock::OwnerLock(LocalStore& store, std::string owner) : store_(store), owner_(std::move(owner)) {
  std::unique_lock guard(store_.mutex_);
  store_.released_.wait(guard, [&] { return !store_.held_owners_.contains(owner_); });
  store_.held_owners_.insert(owner_);
}

LocalStore::OwnerLock::~OwnerLock() {
  {
    const std::lock_guard guard(store_.mutex_);
    store_.held_owners_.erase(owner_);
  }
  store_.released_.notify_all();
}

LocalStore::LocalStore(const std::filesystem::path& directory, Disk& disk) : directory_(directory), disk_(disk) {
  for (const auto& path : {directory, directory / kTemporaryDirectory})
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
      throw std::system_error(errno, std::generic_category(), "mkdir");
  root_ = open_file(directory, O_RDONLY | O_DIRECTORY);
  temp_ = open_file(directory / kTemporaryDirectory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  sync_file(root_.get());
}

Fd LocalStore::walk(std::string_view bucket, const StorageKey& key) const {
  if (!is_bucket_name(bucket)) return Fd();
  Fd at = open_existing(root_.get(), std::string(bucket).c_str(), O_DIRECTORY);
  for (const auto& segment : owner_segments(key)) {
    if (!at) break;
    at = open_existing(at.get(), segment.c_str(), O_DIRECTORY);
  }
  return at;
}

std::optional<OpenObject> LocalStore::open(std::string_view bucket, const StorageKey& key) {
  try {
    return look(bucket, key);
  } catch (const Problem&) {
    // A removal and a new upload between two of our calls look like damage. The lock excludes that.
    const OwnerLock lock(*this, owner_path(bucket, key));
    return look(bucket, key);
  }
}

std::optional<OpenObject> LocalStore::look(std::string_view bucket, const StorageKey& key) const {
  const Fd owner = walk(bucket, key);
  if (!owner) return std::nullopt;
  Fd file = open_existing(owner.get(), key.filename().c_str(), O_NONBLOCK);
  if (!file) return std::nullopt;
  const Fd sidecar = open_existing(owner.get(), sidecar_name(key.filename()).c_str(), O_NONBLOCK);
  if (!sidecar) {
    // A removal removes the object first: if it is gone by now it was removed, if it is still there it is damaged.
    if (!exists(owner.get(), key.filename())) return std::nullopt;
    refuse_damaged();
  }
  auto info = parse_sidecar(read_small(sidecar.get()));
  if (!info || info->size != size_of(file.get())) refuse_damaged();
  return OpenObject{std::move(file), std::move(*info)};
}

std::optional<ObjectInfo> LocalStore::stat(std::string_view bucket, const StorageKey& key) {
  auto object = open(bucket, key);
  if (!object) return std::nullopt;
  return std::move(object->info);
}

bool LocalStore::remove(std::string_view bucket, const StorageKey& key) {
  const OwnerLock lock(*this, owner_path(bucket, key));
  const Fd owner = walk(bucket, key);
  if (!owner) return false;
  const bool removed = disk_.unlink(owner.get(), key.filename().c_str(), 0) == 0;
  if (!removed && errno != ENOENT) throw_storage_problem(errno);
  // Syncs in between: an object without sidecar would be damage, a sidecar without object is swept.
  if (disk_.sync(owner.get()) != 0) throw_storage_problem(errno);
  if (disk_.unlink(owner.get(), sidecar_name(key.filename()).c_str(), 0) != 0 && errno != ENOENT)
    throw_storage_problem(errno);
  forget_owner(bucket, key);
  return removed;
}

void LocalStore::remove_owner(std::string_view bucket, const StorageKey& key) {
  const OwnerLock lock(*this, owner_path(bucket, key));
  const Fd owner = walk(bucket, key);
  if (!owner) return;
  std::vector<std::string> objects, sidecars;
  for (const auto& entry : std::filesystem::directory_iterator(directory_ / owner_path(bucket, key))) {
    const std::string name = entry.path().filename();
    (name.starts_with(kSidecarPrefix) ? sidecars : objects).push_back(name);
  }
  const auto unlink_all = [&](const std::vector<std::string>& names) {
    for (const std::string& name : names)
      if (disk_.unlink(owner.get(), name.c_str(), 0) != 0 && errno != ENOENT) throw_storage_problem(errno);
  };
  unlink_all(objects);
  if (disk_.sync(owner.get()) != 0) throw_storage_problem(errno);  // as in remove
  unlink_all(sidecars);
  forget_owner(bucket, key);
}

/// An owner without objects needs no directory; one with objects keeps its own (ENOTEMPTY).
void LocalStore::forget_owner(std::string_view bucket, const StorageKey& key) noexcept {
  ::rmdir((directory_ / owner_path(bucket, key)).c_str());
}

std::size_t LocalStore::sweep(std::chrono::seconds older_than, const std::function<bool()>& goes_on) {
  return sweep_temporary(older_than) + sweep_sidecars(goes_on);
}

std::size_t LocalStore::sweep_temporary(std::chrono::seconds older_than) {
  namespace fs = std::filesystem;
  const auto limit = fs::file_time_type::clock::now() - older_than;
  std::size_t removed = 0;
  for (const auto& entry : fs::directory_iterator(directory_ / kTemporaryDirectory)) {
    const std::string name = entry.path().filename();
    std::error_code gone;  // an upload may end while we look
    const auto written = entry.last_write_time(gone);
    const std::lock_guard guard(mutex_);
    if (gone || live_temporary_.contains(name) || written > limit) continue;
    if (disk_.unlink(temp_.get(), name.c_str(), 0) == 0) ++removed;
  }
  return removed;
}

std::size_t LocalStore::sweep_sidecars(const std::function<bool()>& goes_on) {
  namespace fs = std::filesystem;
  std::vector<fs::path> sidecars;  // collected first: removing while walking is undefined
  std::error_code error;
  for (fs::recursive_directory_iterator at(directory_, error), end; at != end && goes_on(); at.increment(error)) {
    if (at.depth() == 0 && at->path().filename() == kTemporaryDirectory) at.disable_recursion_pending();
    if (at->path().filename().native().starts_with(kSidecarPrefix)) sidecars.push_back(at->path());
  }
  std::size_t removed = 0;
  for (const auto& sidecar : sidecars) {
    if (!goes_on()) break;
    removed += sweep_sidecar(sidecar);
  }
  return removed;
}

bool LocalStore::sweep_sidecar(const std::filesystem::path& sidecar) {
  const auto owner = sidecar.parent_path();
  const OwnerLock lock(*this, owner.lexically_relative(directory_));
  const std::string filename = sidecar.filename().native().substr(kSidecarPrefix.size());
  std::error_code error;
  // Removes the sidecar only if the object is certainly missing.
  if (std::filesystem::symlink_status(owner / filename, error).type() != std::filesystem::file_type::not_found)
    return false;
  if (::unlink(sidecar.c_str()) != 0) return false;
  ::rmdir(owner.c_str());
  return true;
}

}  // namespace nexus::blobs
