// Removes the log that reading a database created if there was none before, because a missing log is the sign of a lost
// one. Create it before the read-only Connection, so that it ends after it. The caller must hold the data directory's
// lock: otherwise the removed log might be in use.
#pragma once
#include <filesystem>

namespace nexus::store {

class NoTrace {
 public:
  explicit NoTrace(std::filesystem::path database);
  ~NoTrace();
  NoTrace(const NoTrace&) = delete;
  NoTrace& operator=(const NoTrace&) = delete;

  bool had_log() const { return had_log_; }

 private:
  std::filesystem::path beside(const char* suffix) const { return database_.string() + suffix; }

  const std::filesystem::path database_;
  const bool had_log_;
  const bool had_index_;
};

}  // namespace nexus::store
