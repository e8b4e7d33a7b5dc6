// POSIX syncs whole files.
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "daemon/base/file.hpp"

namespace nexus {

void write_out(int fd, off_t, std::size_t) {
  if (::fdatasync(fd) != 0 && errno != EINVAL) throw std::system_error(errno, std::generic_category(), "fdatasync");
}

}  // namespace nexus
