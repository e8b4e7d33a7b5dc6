// Copies an open database into a new file while it is written. It must run on the thread and with the connection of the
// writer: a change that this connection commits reaches pages that are copied already, so the copy ends with the
// database as it is at its last step. A copy by another connection would begin anew at each commit.
//
// Between two steps it holds no snapshot and no lock of the source. A rollback of a whole transaction makes it begin
// anew (SQLite cannot undo what reached the copy), so the writer keeps to savepoints while one is made.
//
// Source: https://www.sqlite.org/c3ref/backup_finish.html
#pragma once
#include <chrono>
#include <filesystem>
#include <memory>

#include "store/sqlite/connection.hpp"

struct sqlite3_backup;

namespace nexus::store {

class OnlineCopy {
 public:
  /// Makes the file, with mode 0600; it must not exist. Throws Error.
  OnlineCopy(Connection& source, const std::filesystem::path& file);
  ~OnlineCopy();
  OnlineCopy(const OnlineCopy&) = delete;
  OnlineCopy& operator=(const OnlineCopy&) = delete;

  /// Copies for about so long. Returns whether pages are left. Once it returned false, the file is a whole database
  /// without a log; it is not synced. Throws Error.
  bool step(std::chrono::microseconds time);

 private:
  std::unique_ptr<sqlite3, int (*)(sqlite3*)> copy_;
  std::unique_ptr<sqlite3_backup, int (*)(sqlite3_backup*)> backup_;
};

}  // namespace nexus::store
