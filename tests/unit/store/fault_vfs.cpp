#include "fault_vfs.hpp"

#include <sqlite3.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>

namespace nexus::store::test {

/// What the disk holds for sure, and what it was told since.
struct FaultVfs::Image {
  struct Change {
    std::size_t offset;
    std::optional<std::string> bytes;  // none: truncated to `offset`
  };
  std::string durable;
  std::vector<Change> pending;

  static void apply(std::string& content, const Change& change) {
    if (!change.bytes) return content.resize(change.offset);
    if (content.size() < change.offset + change.bytes->size()) content.resize(change.offset + change.bytes->size());
    content.replace(change.offset, change.bytes->size(), *change.bytes);
  }
  void sync() {
    for (const Change& change : pending) apply(durable, change);
    pending.clear();
  }
};

struct FaultVfs::Impl {
  sqlite3_vfs vfs{};
  sqlite3_vfs* real = nullptr;
  bool syncs_lie = false;

  std::mutex mutex;
  Fault fault;
  std::int64_t count = 0;
  bool struck = false;
  bool dead = false;
  std::map<std::string, std::shared_ptr<Image>> images;

  enum class Operation { write, sync, truncate };

  static bool can_hit(FaultKind kind, Operation operation) {
    switch (kind) {
      case FaultKind::none:
        return false;
      case FaultKind::write_error:
      case FaultKind::disk_full:
      case FaultKind::short_write:
        return operation == Operation::write;
      case FaultKind::sync_error:
        return operation == Operation::sync;
      case FaultKind::power_cut:
        return true;
    }
    return false;
  }

  /// Under the mutex: what this operation meets.
  FaultKind meet(Operation operation) {
    if (dead) return FaultKind::power_cut;
    if (!can_hit(fault.kind, operation)) return FaultKind::none;
    ++count;
    if (count != fault.at && !(fault.sticky && count > fault.at)) return FaultKind::none;
    struck = true;
    dead = fault.kind == FaultKind::power_cut;
    return fault.kind;
  }
};

namespace {

struct File {
  sqlite3_file base;
  FaultVfs::Impl* impl;
  FaultVfs::Image* image;  // null: a file without a name
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

using Operation = FaultVfs::Impl::Operation;

File& as_file(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }
sqlite3_file* real(sqlite3_file* file) { return as_file(file).real(); }
FaultVfs::Impl& as_impl(sqlite3_vfs* vfs) { return *static_cast<FaultVfs::Impl*>(vfs->pAppData); }

int pass_write(File& file, const void* data, int size, sqlite3_int64 offset) {
  const int code = file.real()->pMethods->xWrite(file.real(), data, size, offset);
  if (code == SQLITE_OK && file.image != nullptr) {
    file.image->pending.push_back({static_cast<std::size_t>(offset),
                                   std::string(static_cast<const char*>(data), static_cast<std::size_t>(size))});
  }
  return code;
}

int fault_write(sqlite3_file* handle, const void* data, int size, sqlite3_int64 offset) {
  File& file = as_file(handle);
  const std::lock_guard lock(file.impl->mutex);
  switch (file.impl->meet(Operation::write)) {
    case FaultKind::none:
      return pass_write(file, data, size, offset);
    case FaultKind::disk_full:
      return SQLITE_FULL;
    case FaultKind::short_write:
      pass_write(file, data, size / 2, offset);
      return SQLITE_FULL;
    default:
      return SQLITE_IOERR_WRITE;
  }
}

int fault_sync(sqlite3_file* handle, int) {
  File& file = as_file(handle);
  const std::lock_guard lock(file.impl->mutex);
  if (file.impl->meet(Operation::sync) != FaultKind::none) return SQLITE_IOERR_FSYNC;
  // The real sync is left out: what counts is the order, and thousands of seeds are to run in seconds.
  if (file.image != nullptr && !file.impl->syncs_lie) file.image->sync();
  return SQLITE_OK;
}

int fault_truncate(sqlite3_file* handle, sqlite3_int64 size) {
  File& file = as_file(handle);
  const std::lock_guard lock(file.impl->mutex);
  if (file.impl->meet(Operation::truncate) != FaultKind::none) return SQLITE_IOERR_TRUNCATE;
  if (file.image != nullptr) file.image->pending.push_back({static_cast<std::size_t>(size), std::nullopt});
  return file.real()->pMethods->xTruncate(file.real(), size);
}

int pass_close(sqlite3_file* f) { return real(f)->pMethods->xClose(real(f)); }
int pass_read(sqlite3_file* f, void* to, int size, sqlite3_int64 at) {
  return real(f)->pMethods->xRead(real(f), to, size, at);
}
int pass_size(sqlite3_file* f, sqlite3_int64* size) { return real(f)->pMethods->xFileSize(real(f), size); }
int pass_lock(sqlite3_file* f, int level) { return real(f)->pMethods->xLock(real(f), level); }
int pass_unlock(sqlite3_file* f, int level) { return real(f)->pMethods->xUnlock(real(f), level); }
int pass_reserved(sqlite3_file* f, int* out) { return real(f)->pMethods->xCheckReservedLock(real(f), out); }
int pass_control(sqlite3_file* f, int op, void* arg) { return real(f)->pMethods->xFileControl(real(f), op, arg); }
int pass_sector(sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); }
int pass_traits(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }
int pass_shm_map(sqlite3_file* f, int page, int size, int extend, void volatile** out) {
  return real(f)->pMethods->xShmMap(real(f), page, size, extend, out);
}
int pass_shm_lock(sqlite3_file* f, int at, int n, int flags) {
  return real(f)->pMethods->xShmLock(real(f), at, n, flags);
}
void pass_shm_barrier(sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); }
int pass_shm_unmap(sqlite3_file* f, int remove) { return real(f)->pMethods->xShmUnmap(real(f), remove); }

const sqlite3_io_methods kMethods = {
    2,           pass_close,   pass_read,     fault_write,      fault_truncate, fault_sync,
    pass_size,   pass_lock,    pass_unlock,   pass_reserved,    pass_control,   pass_sector,
    pass_traits, pass_shm_map, pass_shm_lock, pass_shm_barrier, pass_shm_unmap, nullptr,
    nullptr};

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

int fault_open(sqlite3_vfs* vfs, sqlite3_filename path, sqlite3_file* handle, int flags, int* flags_out) {
  FaultVfs::Impl& impl = as_impl(vfs);
  const std::lock_guard lock(impl.mutex);
  File& file = as_file(handle);
  file.base.pMethods = nullptr;
  file.impl = &impl;
  file.image = nullptr;
  if (impl.dead) return SQLITE_CANTOPEN;
  const int code = impl.real->xOpen(impl.real, path, file.real(), flags, flags_out);
  if (code != SQLITE_OK) return code;
  file.base.pMethods = &kMethods;
  if (path != nullptr) {
    auto& image = impl.images[path];
    if (!image) image = std::make_shared<FaultVfs::Image>(FaultVfs::Image{content_of(path), {}});
    file.image = image.get();
  }
  return SQLITE_OK;
}

int fault_delete(sqlite3_vfs* vfs, const char* path, int sync_directory) {
  FaultVfs::Impl& impl = as_impl(vfs);
  const std::lock_guard lock(impl.mutex);
  if (impl.dead) return SQLITE_IOERR_DELETE;
  impl.images.erase(path);
  return impl.real->xDelete(impl.real, path, sync_directory);
}

/// Of what was not synced, any part: each change kept, lost, or kept up to some sector.
std::string after_power_cut(const FaultVfs::Image& image, std::mt19937_64& random) {
  constexpr std::size_t kSector = 512;
  std::string content = image.durable;
  const auto keep_of_8 = random() % 9;  // 0: all is lost, 8: nothing is
  for (FaultVfs::Image::Change change : image.pending) {
    if (random() % 8 >= keep_of_8) continue;
    if (change.bytes && change.bytes->size() > kSector && random() % 4 == 0) {
      change.bytes->resize(random() % (change.bytes->size() / kSector) * kSector);
    }
    FaultVfs::Image::apply(content, change);
  }
  return content;
}

}  // namespace

FaultVfs::FaultVfs(bool syncs_lie) : impl_(std::make_unique<Impl>()) {
  static std::atomic<int> number = 0;
  name_ = "fault-" + std::to_string(++number);
  impl_->syncs_lie = syncs_lie;
  impl_->real = sqlite3_vfs_find(nullptr);
  impl_->vfs = *impl_->real;
  impl_->vfs.pNext = nullptr;
  impl_->vfs.zName = name_.c_str();
  impl_->vfs.pAppData = impl_.get();
  impl_->vfs.szOsFile = static_cast<int>(sizeof(File)) + impl_->real->szOsFile;
  impl_->vfs.xOpen = fault_open;
  impl_->vfs.xDelete = fault_delete;
  sqlite3_vfs_register(&impl_->vfs, 0);
}

FaultVfs::~FaultVfs() { sqlite3_vfs_unregister(&impl_->vfs); }

void FaultVfs::arm(Fault fault) {
  const std::lock_guard lock(impl_->mutex);
  impl_->fault = fault;
  impl_->count = 0;
  impl_->struck = false;
}

bool FaultVfs::has_struck() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->struck;
}

void FaultVfs::cut_power() {
  const std::lock_guard lock(impl_->mutex);
  impl_->dead = true;
}

void FaultVfs::power_on(std::mt19937_64& random) {
  const std::lock_guard lock(impl_->mutex);
  for (const auto& [path, image] : impl_->images) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << after_power_cut(*image, random);
    std::filesystem::remove(path + "-shm");
  }
  impl_->images.clear();
  impl_->fault = {};
  impl_->dead = false;
}

}  // namespace nexus::store::test
