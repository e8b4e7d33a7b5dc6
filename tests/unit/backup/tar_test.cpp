// The archive of a backup, piece by piece: what is written is read, and nothing else is taken for one.
#include "daemon/backup/tar.hpp"

#include <algorithm>
#include <cstring>

#include "tests/catch.hpp"

using namespace nexus::backup;

namespace {

TarReader reader_of(std::string bytes) {
  return TarReader([bytes = std::move(bytes), at = std::size_t{0}](char* out, std::size_t size) mutable {
    const std::size_t got = std::min({size, bytes.size() - at, std::size_t{700}});  // in odd pieces
    std::memcpy(out, bytes.data() + at, got);
    at += got;
    return got;
  });
}

std::string file(const std::string& name, const std::string& content) {
  return tar_header(name, content.size(), 0) + content + tar_padding(content.size());
}

}  // namespace

TEST_CASE("names and contents of any length come back") {
  const std::string long_name = "blobs/" + std::string(300, 'n') + "/ü";
  auto tar = reader_of(file("empty", "") + file(long_name, std::string(700000, 'c')) + file("last", "x") + tar_end());
  auto entry = tar.next();
  REQUIRE(entry);
  CHECK(entry->name == "empty");
  CHECK(tar.content().empty());
  entry = tar.next();
  REQUIRE(entry);
  CHECK(entry->name == long_name);
  CHECK(tar.text(1 << 20) == std::string(700000, 'c'));
  entry = tar.next();
  REQUIRE(entry);
  CHECK(entry->name == "last");
  CHECK_FALSE(tar.next());
}

TEST_CASE("a file that is not read is passed over") {
  auto tar = reader_of(file("a", std::string(1000, 'a')) + file("b", "b") + tar_end());
  REQUIRE(tar.next());
  const auto entry = tar.next();
  REQUIRE(entry);
  CHECK(entry->name == "b");
}

TEST_CASE("every cut is told") {
  const std::string whole = file("a", std::string(1000, 'a')) + tar_end();
  for (std::size_t length = 0; length < whole.size() - 512; length += 100) {
    auto tar = reader_of(whole.substr(0, length));
    CHECK_THROWS_WITH(
        [&] {
          while (tar.next()) {
          }
        }(),
        "the backup is cut: its archive ends in the middle");
  }
}

TEST_CASE("damaged headers, links and foreign bytes are refused") {
  std::string damaged = file("a", "a") + tar_end();
  damaged[3] = 'x';
  CHECK_THROWS_WITH(reader_of(damaged).next(), "this is no backup: a header of the archive is damaged");
  CHECK_THROWS(reader_of(std::string(1024, 'z')).next());
  std::string link = file("a", "");
  link[156] = '2';  // a symbolic link; its sum grows by as much
  const std::string sum = link.substr(148, 6);
  const unsigned long grown = std::stoul(sum, nullptr, 8) + ('2' - '0');
  char digits[8];
  std::snprintf(digits, sizeof digits, "%06lo", grown);
  link.replace(148, 6, digits);
  CHECK_THROWS_WITH(reader_of(link + tar_end()).next(),
                    "this is no backup: the archive holds something else than files");
}

TEST_CASE("a text that is larger than it may be is refused before it is read") {
  auto tar = reader_of(file("a", std::string(100, 'a')) + tar_end());
  REQUIRE(tar.next());
  CHECK_THROWS(tar.text(99));
}
