// Secrets in files of the operator. Both functions throw ConfigError naming `option` when the file cannot be read, is
// empty, or may be opened by others: a secret that others may read is not secret.
#pragma once
#include <filesystem>
#include <string>

namespace nexus::app {

/// The file's bytes without one final line end. Earlier versions trimmed all white space at the ends. Throws
/// ConfigError where that result differs, because a secret must never change in silence.
std::string read_secret_bytes(const std::string& option, const std::filesystem::path& path);

/// The file's text, trimmed, for secrets that hold no white space.
std::string read_secret_text(const std::string& option, const std::filesystem::path& path);

}  // namespace nexus::app
