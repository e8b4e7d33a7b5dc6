// The open store as a whole: what is written while it is opened, and that damage met later is remembered.
#include <fstream>

#include "support.hpp"
#include "tests/catch.hpp"

using namespace nexus::store;
using namespace nexus::store::test;

TEST_CASE("what is written on opening stands in the file itself, without its log") {
  const Scratch scratch, other;
  auto options = notes_options(scratch);
  options.on_open = [](Tx& tx) { add_note(tx, 7); };
  const SqliteDatabase database(std::move(options));
  std::filesystem::copy_file(scratch.database(), other.database());
  Connection copy({.path = other.database(), .read_only = true});
  CHECK(has_note(Reader(copy), 7));
}

TEST_CASE("a damaged page that a reader meets is remembered") {
  const Scratch scratch;
  SqliteDatabase database(notes_options(scratch));
  database.writer().apply([](Tx& tx) {
    for (int i = 0; i < 2000; ++i) add_note(tx, i);
  });
  const auto log = scratch.database().string() + "-wal";
  while (std::filesystem::file_size(log) > 0) std::this_thread::yield();  // all is in the file
  CHECK_FALSE(database.is_damaged());
  {
    std::fstream file(scratch.database(), std::ios::in | std::ios::out | std::ios::binary);
    const auto size = std::filesystem::file_size(scratch.database());
    file.seekp(4096);
    const std::string noise(size - 4096, '\x5A');
    file.write(noise.data(), static_cast<std::streamsize>(noise.size()));
  }
  CHECK_THROWS_AS(count_notes(database.read().reader()), Error);
  CHECK(database.is_damaged());
}
