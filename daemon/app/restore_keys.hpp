// The keys of a restored store: which files it gets, and from where. The living ones stay, a backup's fill gaps. A
// signing key that the living store lacks was retired there, and comes back only as it was.
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "daemon/config/config.hpp"
#include "store/query.hpp"

namespace nexus::app {

struct KeySources {
  std::filesystem::path data_dir;              // keys/ of the living store
  std::filesystem::path unpacked;              // keys/ of the backup, if they were in it
  std::optional<std::filesystem::path> given;  // a directory of key files
  bool all_signing_keys = false;               // also those that the living store lacks
};

/// Writes to `place` the key files that the restored store needs and the living keys/ lack, or hold with another key.
/// Returns their names. Throws std::runtime_error, one line that names every needed key that nothing has, or has
/// differently, and the remedy.
std::vector<std::string> stage_keys(const store::Reader& restored, const Config& config, const KeySources& sources,
                                    const std::filesystem::path& place);

}  // namespace nexus::app
