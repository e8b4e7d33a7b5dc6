// What a file that is to be verified really is: only an export or a database can be whole or broken. Of anything else
// that is all there is to say, and how it is verified, exit 2.
#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace nexus::cli {

/// By the first bytes: a word for people, and how such a file is verified.
struct Kind {
  std::string what, remedy;
};
Kind kind_of(std::string_view begin);

/// Gives an export in pieces to `take`; `-` is standard input. Throws a usage error for what is none, and for a file
/// that is not there.
void read_export(const std::string& file, const std::function<void(std::string_view)>& take);

/// Throws a usage error unless this is a database of ours.
void require_database(const std::filesystem::path& file);

}  // namespace nexus::cli
