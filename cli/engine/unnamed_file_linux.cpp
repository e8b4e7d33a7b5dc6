// With O_TMPFILE, and the way from an open file to its name that /proc has.
#include <fcntl.h>
#include <unistd.h>

#include <string>

#include "cli/engine/unnamed_file.hpp"

namespace nexus::cli {

Fd open_unnamed(const std::filesystem::path& directory, mode_t mode) {
  return Fd(::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, mode));
}

bool name_unnamed(const Fd& file, const std::filesystem::path& name) {
  const std::string open_name = "/proc/self/fd/" + std::to_string(file.get());
  return ::linkat(AT_FDCWD, open_name.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0;
}

}  // namespace nexus::cli
