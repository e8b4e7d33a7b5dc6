// A file on its way to its name, and the watch over a descriptor that others share. Both have a twin for POSIX alone,
// and these promises hold of either.
#include "cli/engine/local_file.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <fstream>

#include "cli/engine/failure.hpp"
#include "cli/rails/descriptor_watch.hpp"
#include "tests/catch.hpp"

namespace fs = std::filesystem;
using namespace nexus;
using namespace nexus::cli;

namespace {

struct Scratch {
  fs::path path;
  Scratch() {
    std::string pattern = (fs::temp_directory_path() / "nexus-local-XXXXXX").string();
    path = ::mkdtemp(pattern.data());
  }
  ~Scratch() { fs::remove_all(path); }
  std::size_t count() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(path), fs::directory_iterator()));
  }
};

void put(const fs::path& path, const std::string& text) { std::ofstream(path) << text; }

struct Pipe {
  Fd reader, writer;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  return {Fd(ends[0]), Fd(ends[1])};
}

/// Whether it is readable within this time; -1 waits for ever.
bool readable(const Fd& fd, int millis) {
  pollfd asked{fd.get(), POLLIN, 0};
  return ::poll(&asked, 1, millis) == 1;
}

bool is_blocking(const Fd& fd) { return (::fcntl(fd.get(), F_GETFL) & O_NONBLOCK) == 0; }

using Event = DescriptorWatch::Event;

}  // namespace

TEST_CASE("a file that is kept has its whole content, and the mode that was asked for", "[cli][local_file]") {
  const Scratch scratch;
  const fs::path target = scratch.path / "a.txt";
  const mode_t before = ::umask(022);
  for (const bool overwrite : {false, true}) {
    IncomingFile file(target, overwrite);
    file.write("one ");
    file.write("two");
    file.keep();
  }
  ::umask(before);
  CHECK(read_file(target, 100) == "one two");
  CHECK((fs::status(target).permissions() & fs::perms::mask) == fs::perms(0644));
  IncomingFile(scratch.path / "secret", false, 0600).keep();
  CHECK((fs::status(scratch.path / "secret").permissions() & fs::perms::mask) == fs::perms(0600));
  CHECK(scratch.count() == 2);
}

TEST_CASE("a file that is not kept leaves nothing", "[cli][local_file]") {
  const Scratch scratch;
  put(scratch.path / "old", "old");
  {
    IncomingFile fresh(scratch.path / "new", false), other(scratch.path / "old", true);
    fresh.write("x");
    other.write("x");
  }
  CHECK(scratch.count() == 1);
  CHECK(read_file(scratch.path / "old", 100) == "old");
}

TEST_CASE("a file that appeared meanwhile is not replaced unasked", "[cli][local_file]") {
  const Scratch scratch;
  const fs::path target = scratch.path / "a.txt";
  {
    IncomingFile file(target, false), forced(target, true);
    put(target, "theirs");
    CHECK_THROWS_AS(file.keep(), Failure);
    CHECK(read_file(target, 100) == "theirs");
    forced.write("ours");
    forced.keep();
  }
  CHECK(read_file(target, 100) == "ours");
  CHECK(scratch.count() == 1);
}

TEST_CASE("a watch tells of input as often as there is some, and the watched one stays blocking", "[cli][watch]") {
  const Pipe pipe = make_pipe();
  DescriptorWatch watch(pipe.reader.get(), Event::readable);
  REQUIRE(watch.waits());
  const Fd told(watch.duplicate());
  REQUIRE(told);
  for (int round = 0; round < 3; ++round) {
    watch.again();
    if (round == 0) CHECK_FALSE(readable(told, 0));  // nothing was written yet
    write_all(pipe.writer.get(), "x");
    CHECK(readable(told, -1));
    char byte = 0;
    CHECK(::read(pipe.reader.get(), &byte, 1) == 1);
  }
  CHECK(is_blocking(pipe.reader));
}

TEST_CASE("a watch tells of the end of a pipe on both of its sides", "[cli][watch]") {
  Pipe pipe = make_pipe(), other = make_pipe();
  DescriptorWatch output(pipe.writer.get(), Event::reader_gone), input(other.reader.get(), Event::readable);
  const Fd gone(output.duplicate()), ended(input.duplicate());
  CHECK_FALSE(readable(gone, 0));
  pipe.reader.close();
  other.writer.close();
  CHECK(readable(gone, -1));
  CHECK(readable(ended, -1));
}

TEST_CASE("a file and a closed descriptor cannot be waited for", "[cli][watch]") {
  const Scratch scratch;
  put(scratch.path / "a.txt", "text");
  const Fd file = open_file(scratch.path / "a.txt", O_RDONLY);
  for (const int fd : {file.get(), -1}) {
    const DescriptorWatch watch(fd, Event::readable);
    CHECK_FALSE(watch.waits());
    CHECK(watch.duplicate() == -1);
  }
}
