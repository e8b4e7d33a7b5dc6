// Programs that refuse to run as root, as children of a test: an unprivileged user of this machine runs them then.
#pragma once
#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace nexus::test {

/// Makes the directory that user's, where we are root.
void give_to_unprivileged(const std::filesystem::path& directory);

/// Runs the program in the directory, with what it says in the file `log` there. It ends with the test. Throws
/// std::runtime_error.
pid_t run_unprivileged(std::vector<std::string> words, const std::filesystem::path& directory);

/// Everything in the file; empty without one.
std::string text_of_file(const std::filesystem::path& path);

}  // namespace nexus::test
