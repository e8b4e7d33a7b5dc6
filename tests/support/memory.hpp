// How much memory a process has.
#pragma once
#include <sys/types.h>

#include <fstream>
#include <stdexcept>
#include <string>

namespace nexus::test {

/// A figure of /proc/PID/status in MiB: `VmRSS` is resident now, `VmHWM` was at most, `VmSize` is mapped.
inline double memory_mib(pid_t pid, const std::string& name) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  std::string word;
  while (status >> word) {
    if (word != name + ":") continue;
    double kib = 0;
    status >> kib;
    return kib / 1024;
  }
  throw std::runtime_error("the kernel tells no " + name);
}

}  // namespace nexus::test
