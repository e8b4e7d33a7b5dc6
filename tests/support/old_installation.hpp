// The installation that the last build made (tests/fixtures/installation-0.1.0.tar.gz, by the hidden test of
// tests/api/old_installation_test.cpp), unpacked for one test.
#pragma once
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace nexus::test {

/// The schema of the build that made it.
inline constexpr int kOldSchema = 24;

/// Unpacks it: `into/data` is a data directory with the modes that nexusd demands, `into/expected.json` what its lists
/// answered.
inline void unpack_old_installation(const std::filesystem::path& into) {
  const std::string archive = std::string(NEXUS_SOURCE_DIR) + "/tests/fixtures/installation-0.1.0.tar.gz";
  const std::string command = "tar -xzf '" + archive + "' -C '" + into.string() + "'";
  if (std::system(command.c_str()) != 0) throw std::runtime_error("cannot unpack " + archive);
}

}  // namespace nexus::test
