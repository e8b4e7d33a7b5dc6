// What a start is given, for the tests of configuration: a file, flags, an environment.
#pragma once
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <utility>

#include "daemon/config/resolve.hpp"

namespace nexus::test {

/// A file of configuration in a directory of its own, gone afterwards.
class File {
 public:
  explicit File(const std::string& text) {
    std::string name = (std::filesystem::temp_directory_path() / "nexus-config-XXXXXX").string();
    if (!::mkdtemp(name.data())) throw std::runtime_error("mkdtemp");
    directory_ = name;
    std::ofstream(path()) << text;
  }
  ~File() { std::filesystem::remove_all(directory_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  std::filesystem::path path() const { return directory_ / "nexusd.toml"; }

 private:
  std::filesystem::path directory_;
};

/// No file of the machine is read.
inline ConfigSources sources(std::multimap<std::string, std::string> flags = {},
                             std::map<std::string, std::string> environment = {}) {
  environment.emplace("HOME", "/home/somebody");
  return {std::move(flags), std::move(environment), std::nullopt, "/nonexistent/nexusd.toml"};
}

}  // namespace nexus::test
