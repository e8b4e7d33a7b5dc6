#include "store/sqlite/no_trace.hpp"

#include <system_error>

namespace nexus::store {

namespace fs = std::filesystem;

NoTrace::NoTrace(fs::path database)
    : database_(std::move(database)), had_log_(fs::exists(beside("-wal"))), had_index_(fs::exists(beside("-shm"))) {}

NoTrace::~NoTrace() {
  std::error_code ignored;
  const auto bytes = fs::file_size(beside("-wal"), ignored);
  if (had_log_ || (!ignored && bytes > 0)) return;
  fs::remove(beside("-wal"), ignored);
  if (!had_index_) fs::remove(beside("-shm"), ignored);
}

}  // namespace nexus::store
