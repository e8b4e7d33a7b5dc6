// The SHA-256 of a file's content.
#pragma once
#include <filesystem>
#include <string>

namespace nexus::app {

/// Lower-case hex. Follows no link. Throws std::system_error.
std::string file_digest(const std::filesystem::path& file);

}  // namespace nexus::app
