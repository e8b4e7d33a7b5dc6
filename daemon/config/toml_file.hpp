// The configuration file as a flat list of keys: `[limits]` `upload_bytes = "64MiB"` is `limits.upload_bytes`. It knows
// TOML and no options. No other place in the daemon uses toml++.
#pragma once
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace nexus {

/// The file cannot be read or is not TOML; `what()` says why, `source` is `path` or `path:line`.
struct TomlError : std::runtime_error {
  TomlError(std::string source_, const std::string& problem)
      : std::runtime_error(problem), source(std::move(source_)) {}
  std::string source;
};

struct TomlEntry {
  std::string key;                  ///< dotted
  std::vector<std::string> values;  ///< one value, or the elements of an array
  bool is_array = false;
  int line = 0;
};

/// Strings, integers, booleans and arrays of them become text; a float, a time or a nested array is a TomlError.
std::vector<TomlEntry> read_toml(const std::filesystem::path& path);

}  // namespace nexus
