// Secrets that the operator keeps in files of his own. Both throw ConfigError naming `option` when the file cannot be
// read, is empty, or may be opened by others: a secret that others may read is none.
#pragma once
#include <filesystem>
#include <string>

namespace nexus::app {

/// The file's bytes, but for one line end behind them. Throws ConfigError where the reading of earlier versions,
/// without any white space at the ends, was another: a secret never changes in silence.
std::string read_secret_bytes(const std::string& option, const std::filesystem::path& path);

/// The file's text without white space around it, for what holds none.
std::string read_secret_text(const std::string& option, const std::filesystem::path& path);

}  // namespace nexus::app
