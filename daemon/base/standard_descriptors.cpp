#include "daemon/base/standard_descriptors.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace nexus {

void occupy_standard_descriptors() {
  // In this order, because open() returns the lowest free number.
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(fd, F_GETFD) < 0) ::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

}  // namespace nexus
