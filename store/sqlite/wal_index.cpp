#include "store/sqlite/wal_index.hpp"

#include <sqlite3.h>

#include <atomic>

#include "store/sqlite/connection.hpp"

namespace nexus::store {
namespace {
constexpr int kRegionBytes = 32 << 10;  // of which SQLite asks its VFS
}  // namespace

// The region stays where it is until the connection closes its file.
WalIndex::WalIndex(Connection& connection) {
  sqlite3_file* file = nullptr;
  if (sqlite3_file_control(connection.handle(), "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK) return;
  if (file->pMethods == nullptr || file->pMethods->iVersion < 2 || file->pMethods->xShmMap == nullptr) return;
  void volatile* region = nullptr;
  if (file->pMethods->xShmMap(file, 0, kRegionBytes, 0, &region) != SQLITE_OK) return;
  shared_ = static_cast<std::uint32_t*>(const_cast<void*>(region));
}

// A header that is just being written reads as neither the old nor the new one, and equals none.
WalIndex::Header WalIndex::header() const {
  Header header{};
  if (shared_ == nullptr) return header;
  for (std::size_t i = 0; i < kWords; ++i)
    header[i] = std::atomic_ref<std::uint32_t>(shared_[i]).load(std::memory_order_acquire);
  return header;
}

}  // namespace nexus::store
