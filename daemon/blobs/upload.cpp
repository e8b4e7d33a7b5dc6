// Writing: an upload streams to a temporary file and is published by one rename.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>

#include "daemon/base/bytes.hpp"
#include "daemon/base/uuid.hpp"
#include "daemon/blobs/local_layout.hpp"
#include "daemon/blobs/problems.hpp"

namespace nexus::blobs {
namespace {

constexpr int kCreate = O_WRONLY | O_CREAT | O_EXCL;

[[noreturn]] void refuse_size(const char* detail) { throw Problem(problems::blob_size_out_of_range, detail); }
[[noreturn]] void refuse_existing() {
  throw Problem(problems::blob_exists, "This key holds an object already; objects are written once.");
}

/// Opens a child directory, after creating it if it is missing.
DiskFile enter(Disk& disk, int parent, const std::string& name) {
  if (disk.make_directory(parent, name.c_str()) != 0 && errno != EEXIST) throw_storage_problem(errno);
  return open_at(disk, parent, name.c_str(), O_RDONLY | O_DIRECTORY);
}

}  // namespace

Upload::Upload(LocalStore& store, std::string bucket, UploadTerms terms)
    : store_(&store), bucket_(std::move(bucket)), terms_(std::move(terms)), temp_name_(uuid_v7()) {
  {
    const std::lock_guard guard(store.mutex_);
    store.live_temporary_.insert(temp_name_);
  }
  try {
    file_ = open_at(store.disk_, store.temp_.get(), temp_name_.c_str(), kCreate);
  } catch (...) {
    discard();
    throw;
  }
}

Upload::Upload(Upload&& other) noexcept
    : store_(std::exchange(other.store_, nullptr)),
      bucket_(std::move(other.bucket_)),
      terms_(std::move(other.terms_)),
      temp_name_(std::move(other.temp_name_)),
      file_(std::move(other.file_)),
      hash_(std::move(other.hash_)),
      size_(other.size_) {}

Upload::~Upload() { discard(); }

void Upload::discard() noexcept {
  if (!store_) return;
  file_ = DiskFile();
  store_->disk_.unlink(store_->temp_.get(), temp_name_.c_str(), 0);  // after a commit there is nothing to remove
  const std::lock_guard guard(store_->mutex_);
  store_->live_temporary_.erase(temp_name_);
  store_ = nullptr;
}

void Upload::append(std::string_view chunk) {
  if (!store_) throw std::logic_error("an upload that failed takes nothing more");
  try {
    if (chunk.size() > terms_.bytes_max - size_) refuse_size("The file is larger than the upload allows.");
    file_.write_all(chunk);
    hash_.update(chunk);
    size_ += chunk.size();
  } catch (...) {
    discard();  // frees its space now, not when the client hangs up
    throw;
  }
}

ObjectInfo Upload::commit() {
  if (!store_) throw std::logic_error("an upload commits once");
  try {
    const ObjectInfo info = judge();
    file_.sync();
    file_.close();
    store_->publish(*this, info);
    discard();
    return info;
  } catch (...) {
    discard();
    throw;
  }
}

/// Returns what will be stored. Throws when the terms do not allow it.
ObjectInfo Upload::judge() {
  if (size_ < terms_.bytes_min) refuse_size("The file is smaller than the upload requires.");
  ObjectInfo info;
  info.size = size_;
  info.sha256 = hex(hash_.finish());
  if (terms_.sha256 && *terms_.sha256 != info.sha256)
    throw Problem(problems::blob_digest_mismatch, "The file's SHA-256 is not the one that was announced.");
  info.content_type = terms_.content_type;
  info.etag = "\"" + info.sha256 + "\"";
  info.created_at = now_micros() / 1000 * 1000;  // as the sidecar will give it back
  return info;
}

Upload LocalStore::begin(std::string_view bucket, UploadTerms terms) {
  if (!is_bucket_name(bucket)) throw std::invalid_argument("not a bucket name");
  if (content_type_fault(terms.content_type)) throw std::invalid_argument("not a content type");
  return {*this, std::string(bucket), std::move(terms)};
}

/// The directories down to the plane are few and shared. They are created and synced once per process, under the mutex,
/// so that no upload relies on a directory that a crash could still remove.
DiskFile LocalStore::make_plane_directory(std::string_view bucket, const StorageKey& key) {
  const std::lock_guard guard(mutex_);
  const std::string path = plane_path(bucket, key);
  const bool ready = ready_planes_.contains(path);
  DiskFile at = enter(disk_, root_.get(), std::string(bucket));
  if (!ready && disk_.sync(root_.get()) != 0) throw_storage_problem(errno);
  const auto segments = owner_segments(key);
  for (std::size_t i = 0; i + 1 < segments.size(); ++i) {
    DiskFile next = enter(disk_, at.get(), segments[i]);
    if (!ready) at.sync();
    at = std::move(next);
  }
  ready_planes_.insert(path);
  return at;
}

void LocalStore::publish(const Upload& upload, const ObjectInfo& info) {
  const StorageKey& key = upload.terms_.key;
  const OwnerLock lock(*this, owner_path(upload.bucket_, key));
  try {
    DiskFile plane = make_plane_directory(upload.bucket_, key);
    const DiskFile owner = enter(disk_, plane.get(), key.owner());
    plane.sync();
    publish_in(owner.get(), upload, info);
  } catch (...) {
    forget_owner(upload.bucket_, key);
    throw;
  }
}

/// Call under the owner's lock. Makes the sidecar durable first, then the object visible: see the header.
void LocalStore::publish_in(int owner, const Upload& upload, const ObjectInfo& info) {
  const std::string& filename = upload.terms_.key.filename();
  const std::string sidecar = sidecar_name(filename);
  struct stat status {};
  if (::fstatat(owner, filename.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) refuse_existing();
  const auto sync_owner = [&] {
    if (disk_.sync(owner) != 0) throw_storage_problem(errno);
  };
  bool visible = false;
  try {
    write_sidecar(owner, filename, info);
    sync_owner();
    if (disk_.rename_new(temp_.get(), upload.temp_name_.c_str(), owner, filename.c_str()) != 0) {
      if (errno == EEXIST) refuse_existing();
      throw_storage_problem(errno);
    }
    visible = true;
    sync_owner();
  } catch (...) {
    if (visible) disk_.unlink(owner, filename.c_str(), 0);
    disk_.unlink(owner, sidecar.c_str(), 0);
    throw;
  }
}

void LocalStore::write_sidecar(int owner, const std::string& filename, const ObjectInfo& info) {
  const std::string temporary = uuid_v7();
  try {
    DiskFile file = open_at(disk_, temp_.get(), temporary.c_str(), kCreate);
    file.write_all(sidecar_text(info));
    file.sync();
    file.close();
    if (disk_.rename_over(temp_.get(), temporary.c_str(), owner, sidecar_name(filename).c_str()) != 0)
      throw_storage_problem(errno);
  } catch (...) {
    disk_.unlink(temp_.get(), temporary.c_str(), 0);
    throw;
  }
}

}  // namespace nexus::blobs
