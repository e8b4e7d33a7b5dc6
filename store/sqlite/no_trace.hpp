// A look at a database leaves no log behind where none was: its absence is what tells of one that was lost. Made before
// the read-only Connection, so that it ends after it; only by who holds the data directory's lock: what is taken away
// might be another's log.
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
