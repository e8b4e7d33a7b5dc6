// By sync_file_range(2), which is Linux's alone.
#include <fcntl.h>

#include <cerrno>
#include <system_error>

#include "daemon/base/file.hpp"

namespace nexus {

void write_out(int fd, off_t from, std::size_t bytes) {
  constexpr unsigned kAndWait = SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
  if (::sync_file_range(fd, from, static_cast<off_t>(bytes), kAndWait) != 0 && errno != ESPIPE)
    throw std::system_error(errno, std::generic_category(), "sync_file_range");
}

}  // namespace nexus
