// What was measured on: figures without their machine say nothing.
#pragma once
#include <sys/types.h>

#include <filesystem>
#include <string>

namespace nexus::bench {

/// Cores and processor, file system and device of `directory`, and what a sync of 4 KiB costs there.
std::string machine_facts(const std::filesystem::path& directory);

/// Processor time that a process has used, in seconds.
double cpu_seconds(pid_t pid);

/// Memory of a process that is in use now, in MiB.
double resident_mib(pid_t pid);

}  // namespace nexus::bench
