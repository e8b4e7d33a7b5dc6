// The backups of a running daemon: one at a time, so that their copies never fill the disk together.
#pragma once
#include <atomic>
#include <memory>

#include "daemon/backup/archive.hpp"

namespace nexus::backup {

/// What is told instead of a backup where the store is on a server, with the remedy.
inline constexpr std::string_view kElsewhere =
    "the store is a database of PostgreSQL: back it up there, by pg_basebackup with an archive of its log or by "
    "pg_dump, with keys/ of the data directory beside it";

class Backups {
 public:
  struct Terms {
    store::SqliteDatabase* database = nullptr;  // null: the store is on a server, which is backed up there
    std::filesystem::path data_dir;
    ObjectHome home;
    std::uint64_t reserve_bytes = 0;  // of free space that a copy must leave
  };
  /// What the terms refer to must outlive it, and it must outlive the archives.
  /// Removes what a killed daemon left.
  explicit Backups(Terms terms) : terms_(std::move(terms)) { remove_left_copies(terms_.data_dir); }

  /// Copies the database and returns the archive to pull; the next backup may begin when that is gone. `objects`: false
  /// leaves the objects where they are. Blocks. Throws Problem backup.in_progress, backup.elsewhere without a
  /// file, and storage.full where the copy would not leave the reserve free. Threads: any.
  std::shared_ptr<Archive> begin(bool objects);

 private:
  class Turn;
  DatabaseCopy copied() const;

  const Terms terms_;
  std::atomic<bool> busy_{false};
};

}  // namespace nexus::backup
