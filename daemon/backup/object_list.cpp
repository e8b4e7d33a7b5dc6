#include "daemon/backup/object_list.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <string>
#include <system_error>

#include "daemon/base/file.hpp"

namespace nexus::backup {
namespace {

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

/// A line: size, digest ("-" for none), key.
std::string line_of(const store::ObjectRecord& object) {
  return std::to_string(object.size) + " " + (object.sha256.empty() ? "-" : object.sha256) + " " + object.key + "\n";
}

}  // namespace

Fd nameless_file(const std::filesystem::path& directory) {
  std::string name = (directory / ".nameless-").string() + std::string(6, 'X');
  Fd file(::mkstemp(name.data()));  // mode 0600
  if (!file) fail("mkstemp");
  if (::unlink(name.c_str()) != 0 || ::fcntl(file.get(), F_SETFD, FD_CLOEXEC) != 0) fail("unlink");
  return file;
}

ObjectList::ObjectList(const store::Reader& reader, const std::filesystem::path& directory)
    : file_(nullptr, std::fclose) {
  const Fd made = nameless_file(directory);
  const int own = ::fcntl(made.get(), F_DUPFD_CLOEXEC, 0);
  if (own < 0) fail("dup");
  file_.reset(::fdopen(own, "r+"));
  if (!file_) fail("fdopen");
  store::scan_objects_by_key(reader, [&](const store::ObjectRecord& object) {
    const std::string line = line_of(object);
    if (std::fwrite(line.data(), 1, line.size(), file_.get()) != line.size()) fail("write the list of objects");
  });
  if (std::fflush(file_.get()) != 0) fail("write the list of objects");
  std::rewind(file_.get());
}

std::optional<store::ObjectRecord> ObjectList::next() {
  std::array<char, 4096> line;  // a key has at most 1 KiB
  if (std::fgets(line.data(), line.size(), file_.get()) == nullptr) return std::nullopt;
  std::string_view text(line.data());
  if (text.ends_with('\n')) text.remove_suffix(1);
  store::ObjectRecord object;
  const std::size_t first = text.find(' '), second = text.find(' ', first + 1);
  std::from_chars(text.data(), text.data() + first, object.size);
  object.sha256 = text.substr(first + 1, second - first - 1);
  if (object.sha256 == "-") object.sha256.clear();
  object.key = text.substr(second + 1);
  return object;
}

}  // namespace nexus::backup
