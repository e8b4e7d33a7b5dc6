// There is no such file in POSIX.
#include <cerrno>

#include "cli/engine/unnamed_file.hpp"

namespace nexus::cli {

Fd open_unnamed(const std::filesystem::path&, mode_t) { return {}; }

bool name_unnamed(const Fd&, const std::filesystem::path&) {
  errno = ENOTSUP;
  return false;
}

}  // namespace nexus::cli
