// Files that are written and removed piece by piece: what stands there is what was written, and then nothing.
#include "daemon/backup/steady_file.hpp"

#include <fcntl.h>

#include "daemon/base/file.hpp"
#include "tests/catch.hpp"
#include "tests/support/daemon_process.hpp"

using namespace nexus;

TEST_CASE("a file written steadily holds all that was written, and is removed whole") {
  const test::TemporaryDirectory directory;
  const auto path = directory.path() / "large";
  std::string expected;
  {
    const Fd fd = open_file(path, O_CREAT | O_EXCL | O_WRONLY);
    backup::SteadyFile file(fd.get());
    for (int i = 0; expected.size() < (17u << 20); ++i) {  // more than is freed at once, in pieces of odd sizes
      const std::string piece(static_cast<std::size_t>(i % 7 * 100'003 + 1), static_cast<char>('a' + i % 26));
      file.write(piece);
      expected += piece;
    }
  }
  CHECK(read_file(path, 64 << 20) == expected);
  backup::remove_steadily(path);
  CHECK_FALSE(std::filesystem::exists(path));
  CHECK_NOTHROW(backup::remove_steadily(path));
}

TEST_CASE("a file that has another name, and what a link leads to, stay whole") {
  const test::TemporaryDirectory directory;
  const auto kept = directory.path() / "kept", name = directory.path() / "name";
  const std::string content(3 << 20, 'c');
  replace_file(kept, content);
  std::filesystem::create_hard_link(kept, name);
  backup::remove_steadily(name);
  CHECK_FALSE(std::filesystem::exists(name));
  CHECK(read_file(kept, 4 << 20) == content);
  std::filesystem::create_symlink(kept, name);
  backup::remove_steadily(name);
  CHECK_FALSE(std::filesystem::exists(std::filesystem::symlink_status(name)));
  CHECK(read_file(kept, 4 << 20) == content);
}

TEST_CASE("what cannot be written is told") {
  const Fd full = open_file("/dev/full", O_WRONLY);
  CHECK_THROWS_AS(backup::SteadyFile(full.get()).write("x"), std::system_error);
}
