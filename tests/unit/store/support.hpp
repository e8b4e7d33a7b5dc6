// What the store's tests share: a scratch directory, a small schema, a gate that holds the writer still, and counting.
#pragma once
#include <stdlib.h>

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <stdexcept>
#include <string>

#include "store/sqlite/database.hpp"

namespace nexus::store::test {

/// A new directory, removed with all in it at the end. In memory where the system has /dev/shm: the tests of this
/// floor prove an order of operations, not the speed of a disk.
class Scratch {
 public:
  Scratch() {
    std::string name = (std::filesystem::exists("/dev/shm") ? "/dev/shm" : "/tmp") + std::string("/nexus-store-XXXXXX");
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = name;
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path database() const { return path_ / "nexus.db"; }

 private:
  std::filesystem::path path_;
};

inline constexpr Migration kNotes[] = {
    {1, "notes", "CREATE TABLE notes(id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;"}};

inline DatabaseOptions notes_options(const Scratch& scratch) {
  DatabaseOptions options;
  options.path = scratch.database();
  options.migrations = kNotes;
  options.readers = 2;
  return options;
}

inline std::int64_t count_notes(const Reader& reader) {
  Query query = reader.query("SELECT count(*) FROM notes");
  query.next();
  return query.integer(0);
}

inline bool has_note(const Reader& reader, std::int64_t id) {
  return reader.query("SELECT 1 FROM notes WHERE id=?1", id).next();
}

inline void add_note(Tx& tx, std::int64_t id) {
  tx.run("INSERT INTO notes(id, text) VALUES(?1, ?2)", id, "note " + std::to_string(id));
}

/// Closed until open() is called; then for ever open.
class Gate {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    opened_.notify_all();
  }
  void pass() {
    std::unique_lock lock(mutex_);
    opened_.wait(lock, [this] { return open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable opened_;
  bool open_ = false;
};

}  // namespace nexus::store::test
