// Secrets that the operator keeps in files of his own.
#pragma once
#include <filesystem>
#include <string>

namespace nexus::app {

/// The file's text without white space around it. Throws ConfigError naming `option` when the file cannot be read, is
/// empty, or may be opened by others: a secret that others may read is none.
std::string read_secret_file(const std::string& option, const std::filesystem::path& path);

}  // namespace nexus::app
