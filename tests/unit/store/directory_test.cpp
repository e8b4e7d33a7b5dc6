// The data directory: who may look, and that only one daemon is inside.
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "store/sqlite/directory.hpp"
#include "support.hpp"
#include "tests/catch.hpp"

using namespace nexus::store;
using namespace nexus::store::test;
namespace fs = std::filesystem;

namespace {
std::string refusal(const fs::path& path) {
  try {
    DataDirectory directory(path);
  } catch (const DirectoryError& error) {
    return error.what();
  }
  return "accepted";
}

unsigned mode(const fs::path& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 0777u;
}
}  // namespace

TEST_CASE("a data directory is made with its parents, for us alone") {
  const Scratch scratch;
  const fs::path path = scratch.path() / "a" / "b";
  const DataDirectory directory(path);
  for (const auto& made : {path.parent_path(), path, directory.blobs(), directory.keys()}) CHECK(mode(made) == 0700);
  CHECK(mode(path / "lock") == 0600);
  CHECK(directory.database() == path / "nexus.db");
  CHECK(directory.root_token() == path / "root.token");
}

TEST_CASE("a second daemon is refused and told who holds the directory") {
  const Scratch scratch;
  {
    const DataDirectory first(scratch.path());
    CHECK(refusal(scratch.path()) == "another nexusd (pid " + std::to_string(::getpid()) + ") uses " +
                                         scratch.path().string() + ": stop it, or name another directory");
  }
  CHECK(refusal(scratch.path()) == "accepted");
}

TEST_CASE("a second daemon is refused where the file of the lock was removed, and leaves all as it is") {
  const Scratch scratch;
  const DataDirectory first(scratch.path());
  fs::remove(scratch.path() / "lock");
  CHECK_THAT(refusal(scratch.path()), Catch::Matchers::StartsWith("another nexusd (pid "));
  CHECK_FALSE(fs::exists(scratch.path() / "lock"));
}

TEST_CASE("a file that was replaced or removed under the one who holds it is found") {
  const Scratch scratch;
  DataDirectory directory(scratch.path());
  const SqliteDatabase database(notes_options(scratch));
  directory.remember_database();
  CHECK(directory.find_replaced().empty());
  for (const fs::path& file : {directory.database(), scratch.path() / "lock"}) {
    const fs::path kept = file.string() + ".kept";
    fs::rename(file, kept);
    CHECK_THAT(directory.find_replaced(), Catch::Matchers::StartsWith(file.string() + " was removed"));
    fs::copy_file(kept, file);
    CHECK_THAT(directory.find_replaced(), Catch::Matchers::StartsWith(file.string() + " is another file"));
    fs::rename(kept, file);
    CHECK(directory.find_replaced().empty());
  }
}

TEST_CASE("where the store is no file, the lock alone must stay") {
  const Scratch scratch;
  const DataDirectory directory(scratch.path());
  CHECK(directory.find_replaced().empty());
  fs::remove(scratch.path() / "lock");
  CHECK_THAT(directory.find_replaced(), Catch::Matchers::ContainsSubstring("lock was removed"));
}

TEST_CASE("a store of another user is never advised away from him") {
  if (::geteuid() != 0) {
    WARN("skipped: only root can give a directory away");
    return;
  }
  const Scratch scratch;
  REQUIRE(::chown(scratch.path().c_str(), 64321, 64321) == 0);
  const std::string said = refusal(scratch.path());
  CHECK(said.find("chown") == std::string::npos);
  CHECK_THAT(said, Catch::Matchers::EndsWith("run nexusd as the user who owns it: sudo -u '#64321' nexusd ..."));
}

TEST_CASE("a look makes nothing that is not there") {
  const Scratch scratch;
  { const DataDirectory directory(scratch.path(), MissingParts::stay); }
  CHECK_FALSE(fs::exists(scratch.path() / "keys"));
  CHECK_FALSE(fs::exists(scratch.path() / "blobs"));
  CHECK_FALSE(fs::exists(scratch.path() / "lock"));
}

TEST_CASE("a directory that others may open is refused with the remedy") {
  const Scratch scratch;
  fs::permissions(scratch.path(), fs::perms(0750));
  CHECK_THAT(refusal(scratch.path()), Catch::Matchers::EndsWith("chmod 700 " + scratch.path().string()));
  fs::permissions(scratch.path(), fs::perms(0700));
  CHECK(refusal(scratch.path()) == "accepted");
}

TEST_CASE("files that others may read are refused with the remedy") {
  const Scratch scratch;
  { const DataDirectory directory(scratch.path()); }
  for (const char* name : {"nexus.db", "root.token", "keys/audit.key"}) {
    const fs::path file = scratch.path() / name;
    std::ofstream(file) << "x";
    fs::permissions(file, fs::perms(0640));
    CHECK_THAT(refusal(scratch.path()), Catch::Matchers::EndsWith("chmod 600 " + file.string()));
    fs::permissions(file, fs::perms(0600));
    CHECK(refusal(scratch.path()) == "accepted");
  }
}

TEST_CASE("the database's own files are made for us alone") {
  const Scratch scratch;
  const DataDirectory directory(scratch.path());
  SqliteDatabase database(notes_options(scratch));
  database.writer().apply([](Tx& tx) { add_note(tx, 1); });
  for (const char* suffix : {"", "-wal", "-shm"}) CHECK(mode(directory.database().string() + suffix) == 0600);
}

TEST_CASE("a path that is a file is refused") {
  const Scratch scratch;
  std::ofstream(scratch.path() / "file") << "x";
  CHECK_THAT(refusal(scratch.path() / "file"), !Catch::Matchers::ContainsSubstring("accepted"));
}
