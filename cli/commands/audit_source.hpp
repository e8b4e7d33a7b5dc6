// Finds out what a file to verify really is. Only an export or a database can be whole or broken. Any other file ends
// with exit 2, its kind, and how such a file is verified.
#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace nexus::cli {

/// Judges by the first bytes. Returns a word for people, and how such a file is verified.
struct Kind {
  std::string what, remedy;
};
Kind kind_of(std::string_view begin);

/// Passes an export in pieces to `take`; `-` is standard input. Throws a usage error when the file is not an export, or
/// does not exist.
void read_export(const std::string& file, const std::function<void(std::string_view)>& take);

/// Throws a usage error unless this is a database of ours.
void require_database(const std::filesystem::path& file);

}  // namespace nexus::cli
