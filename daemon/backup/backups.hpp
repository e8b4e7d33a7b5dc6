// The backups of a running daemon: one at a time, so that their copies never fill the disk together.
#pragma once
#include <atomic>
#include <memory>

#include "daemon/backup/archive.hpp"

namespace nexus::backup {

class Backups {
 public:
  struct Terms {
    store::SqliteDatabase& database;
    std::filesystem::path data_dir;
    ObjectHome home;
    std::uint64_t reserve_bytes = 0;  // of free space that a copy must leave
  };
  /// What the terms refer to must outlive it, and it must outlive the archives.
  /// Removes what a killed daemon left.
  explicit Backups(Terms terms) : terms_(std::move(terms)) { remove_left_copies(terms_.data_dir); }

  /// Copies the database and returns the archive to pull; the next backup may begin when that is gone. `objects`: false
  /// leaves the objects where they are. Blocks. Throws Problem backup.in_progress, and storage.full where the copy
  /// would not leave the reserve free. Threads: any.
  std::shared_ptr<Archive> begin(bool objects);

 private:
  class Turn;
  DatabaseCopy copied() const;

  const Terms terms_;
  std::atomic<bool> busy_{false};
};

}  // namespace nexus::backup
