// The objects that a database names, in the order of their keys, kept in a nameless temporary file: a store may have
// more of them than memory should hold.
#pragma once
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>

#include "daemon/base/file.hpp"

#include "store/objects.hpp"

namespace nexus::backup {

class ObjectList {
 public:
  /// Reads all of them. The file is made in `directory`. Throws std::system_error and store::Error.
  ObjectList(const store::Reader& reader, const std::filesystem::path& directory);
  /// The next one; nothing behind the last.
  std::optional<store::ObjectRecord> next();

 private:
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
};

/// A new file without a name in `directory`: nothing of it stays, whatever ends the process.
Fd nameless_file(const std::filesystem::path& directory);

}  // namespace nexus::backup
