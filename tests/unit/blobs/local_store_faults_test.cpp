// The Nth system call of an upload fails, for every N and every kind of failure: the right refusal, nothing under the
// final name, nothing left over, and the next upload works.
#include <cerrno>

#include "daemon/blobs/local_store.hpp"
#include "tests/unit/blobs/support.hpp"

namespace nexus::blobs {
namespace {

using testing::key_of;
using testing::Refusal;
using testing::refusal_of;
using testing::TemporaryDirectory;

enum class Call { open, write, sync, close, make_directory, rename_new, rename_over, unlink };

/// Lets the Nth call of one kind fail, once or from then on.
class FailingDisk : public Disk {
 public:
  void fail(Call call, int nth, int error, bool sticky = false) {
    call_ = call, countdown_ = nth, error_ = error, sticky_ = sticky;
  }
  bool failed() const { return failures_ > 0; }
  std::size_t write_at_most = SIZE_MAX;  // short writes

  int open(int directory, const char* name, int flags, mode_t mode) override {
    return fails(Call::open) ? -1 : Disk::open(directory, name, flags, mode);
  }
  ssize_t write(int fd, const void* data, std::size_t size) override {
    return fails(Call::write) ? -1 : Disk::write(fd, data, std::min(size, write_at_most));
  }
  int sync(int fd) override { return fails(Call::sync) ? -1 : Disk::sync(fd); }
  int close(int fd) override {
    const int result = Disk::close(fd);  // the descriptor is gone whatever the answer
    return fails(Call::close) ? -1 : result;
  }
  int make_directory(int parent, const char* name) override {
    return fails(Call::make_directory) ? -1 : Disk::make_directory(parent, name);
  }
  int rename_new(int from, const char* old_name, int to, const char* new_name) override {
    return fails(Call::rename_new) ? -1 : Disk::rename_new(from, old_name, to, new_name);
  }
  int rename_over(int from, const char* old_name, int to, const char* new_name) override {
    return fails(Call::rename_over) ? -1 : Disk::rename_over(from, old_name, to, new_name);
  }

 private:
  bool fails(Call call) {
    if (call != call_ || countdown_ < 0) return false;
    if (countdown_ > 0) {
      --countdown_;
      return false;
    }
    if (!sticky_) countdown_ = -1;
    ++failures_;
    errno = error_;
    return true;
  }

  Call call_ = Call::open;
  int countdown_ = -1;
  int error_ = 0;
  bool sticky_ = false;
  int failures_ = 0;
};

void put(LocalStore& store, std::string_view filename = "a.txt") {
  Upload upload = store.begin("nexus", {key_of(filename), "text/plain"});
  upload.append("some ");
  upload.append("text");
  upload.commit();
}

struct FaultRow {
  Call call;
  const char* name;
  int error;
  const char* code;
  int status;
};

const std::vector<FaultRow> kRows = {
    {Call::open, "open", ENOSPC, "storage.full", 507},
    {Call::open, "open", EMFILE, "storage.unavailable", 503},
    {Call::write, "write", ENOSPC, "storage.full", 507},
    {Call::write, "write", EDQUOT, "storage.full", 507},
    {Call::write, "write", EIO, "storage.unavailable", 503},
    {Call::sync, "sync", EIO, "storage.unavailable", 503},
    {Call::sync, "sync", ENOSPC, "storage.full", 507},
    {Call::close, "close", EIO, "storage.unavailable", 503},
    {Call::close, "close", EDQUOT, "storage.full", 507},
    {Call::make_directory, "make_directory", ENOSPC, "storage.full", 507},
    {Call::make_directory, "make_directory", EACCES, "storage.unavailable", 503},
    {Call::rename_new, "rename", EIO, "storage.unavailable", 503},
    {Call::rename_new, "rename", ENOSPC, "storage.full", 507},
    {Call::rename_over, "rename of the sidecar", EROFS, "storage.unavailable", 503},
};

/// Fails every Nth call of a row until an upload passes untouched; returns how many failures were seen.
int fail_each(const FaultRow& row, bool sticky, bool second_in_directory) {
  int failures = 0;
  for (int nth = 0;; ++nth) {
    INFO(row.name << " number " << nth << (sticky ? ", sticky" : ""));
    TemporaryDirectory directory;
    FailingDisk disk;
    LocalStore store(directory.path(), disk);
    if (second_in_directory) put(store, "neighbour");
    const std::size_t before = directory.files();
    disk.fail(row.call, nth, row.error, sticky);
    const Refusal refusal = refusal_of([&] { put(store); });
    const bool failed = disk.failed();
    disk.fail(row.call, -1, 0);
    if (refusal.code.empty()) {
      // Either nothing failed, or only the close of a directory that was read: the object must be there.
      CHECK(store.stat("nexus", key_of()));
      if (!failed) return failures;
      CHECK(row.call == Call::close);
      continue;
    }
    ++failures;
    CHECK(refusal.code == row.code);
    CHECK(refusal.status == row.status);
    CHECK(refusal.detail.find('/') == std::string::npos);
    CHECK_FALSE(store.stat("nexus", key_of()));
    CHECK(directory.files() == before);
    CHECK(refusal_of([&] { put(store); }).code.empty());  // and the disk healed
    CHECK(store.stat("nexus", key_of())->size == 9);
  }
}

TEST_CASE("every failing call of an upload is refused, once and for good, and leaves nothing") {
  for (const FaultRow& row : kRows)
    for (const bool sticky : {false, true})
      for (const bool second : {false, true}) {
        INFO(row.name << ' ' << row.error);
        CHECK(fail_each(row, sticky, second) > 0);
      }
}

TEST_CASE("short writes and interrupted calls are no failures") {
  TemporaryDirectory directory;
  FailingDisk disk;
  LocalStore store(directory.path(), disk);
  disk.write_at_most = 1;
  for (const Call call : {Call::open, Call::write, Call::sync, Call::close}) {
    disk.fail(call, 1, EINTR);
    const auto name = "f" + std::to_string(static_cast<int>(call));
    CHECK(refusal_of([&] { put(store, name); }).code.empty());
    CHECK(store.stat("nexus", key_of(name))->size == 9);
  }
}

TEST_CASE("a disk that takes nothing is a failure, not a wait") {
  TemporaryDirectory directory;
  FailingDisk disk;
  LocalStore store(directory.path(), disk);
  disk.write_at_most = 0;
  CHECK(refusal_of([&] { put(store); }).code == "storage.unavailable");
  CHECK(directory.files() == 0);
}

TEST_CASE("the harness sees a store that is careless: a failing unlink leaves the temporary file") {
  class NoUnlink : public FailingDisk {
   public:
    int unlink(int, const char*, int) override { return errno = EIO, -1; }
  };
  TemporaryDirectory directory;
  NoUnlink disk;
  LocalStore store(directory.path(), disk);
  disk.fail(Call::rename_new, 0, EIO);
  CHECK(refusal_of([&] { put(store); }).code == "storage.unavailable");
  CHECK(directory.files() > 0);
  LocalStore healed(directory.path());
  healed.sweep(std::chrono::seconds(0));
  CHECK(directory.files() == 0);
}

/// From the Nth call on the process is gone: nothing more reaches the disk, no clean-up either.
class CrashingDisk : public Disk {
 public:
  explicit CrashingDisk(int calls) : left_(calls) {}
  bool crashed() const { return left_ < 0; }
  int open(int directory, const char* name, int flags, mode_t mode) override {
    return gone() ? -1 : Disk::open(directory, name, flags, mode);
  }
  ssize_t write(int fd, const void* data, std::size_t size) override {
    return gone() ? -1 : Disk::write(fd, data, size);
  }
  int sync(int fd) override { return gone() ? -1 : Disk::sync(fd); }
  int make_directory(int parent, const char* name) override { return gone() ? -1 : Disk::make_directory(parent, name); }
  int rename_new(int from, const char* old_name, int to, const char* new_name) override {
    return gone() ? -1 : Disk::rename_new(from, old_name, to, new_name);
  }
  int rename_over(int from, const char* old_name, int to, const char* new_name) override {
    return gone() ? -1 : Disk::rename_over(from, old_name, to, new_name);
  }
  int unlink(int directory, const char* name, int flags) override {
    return gone() ? -1 : Disk::unlink(directory, name, flags);
  }

 private:
  bool gone() {
    errno = EIO;
    return left_ < 0 || left_-- == 0;
  }
  int left_;
};

TEST_CASE("a crash at any call leaves a whole object or none, and the sweep at the next start clears the rest") {
  int whole = 0;
  int none = 0;
  for (int calls = 0;; ++calls) {
    INFO("crash after " << calls << " calls");
    TemporaryDirectory directory;
    CrashingDisk disk(calls);
    {
      LocalStore store(directory.path(), disk);
      refusal_of([&] { put(store); });
    }
    LocalStore restarted(directory.path());
    restarted.sweep(std::chrono::seconds(0));
    const auto info = restarted.stat("nexus", key_of());
    CHECK(directory.files() == (info ? 2 : 0));
    if (info) CHECK(info->size == 9);
    ++(info ? whole : none);
    if (!disk.crashed()) break;
    CHECK(refusal_of([&] { put(restarted); }).code == (info ? "blob.exists" : ""));
  }
  CHECK(whole > 1);
  CHECK(none > 10);
}

TEST_CASE("a real second file under the final name is never replaced") {
  TemporaryDirectory directory;
  class Foreign : public Disk {
   public:
    explicit Foreign(std::filesystem::path path) : path_(std::move(path)) {}
    int rename_new(int from, const char* old_name, int to, const char* new_name) override {
      std::ofstream(path_) << "foreign";  // appears between our look and our rename
      return Disk::rename_new(from, old_name, to, new_name);
    }

   private:
    std::filesystem::path path_;
  };
  const auto file = directory.path() / "nexus" / key_of().str();
  Foreign disk(file);
  LocalStore store(directory.path(), disk);
  CHECK(refusal_of([&] { put(store); }).code == "blob.exists");
  CHECK(testing::slurp(file) == "foreign");
}

}  // namespace
}  // namespace nexus::blobs
