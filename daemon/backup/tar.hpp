// Tar archives as backups need them: regular files alone, in the format of POSIX.1-2001 (pax interchange format), whose
// names and sizes have no limit. `tar` lists and unpacks them.
//
// Refused: libarchive. It brings libxml2 and its tables of characters, 40 MB, into a daemon that writes and reads this
// one form.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/base/clock.hpp"

namespace nexus::backup {

inline constexpr std::size_t kTarBlock = 512;

/// The header blocks of a file of `size` bytes; its content follows, and then tar_padding(size).
std::string tar_header(std::string_view name, std::uint64_t size, Micros modified);
/// The zeros that fill the last block of a file.
std::string tar_padding(std::uint64_t size);
/// The end of an archive.
std::string tar_end();

struct TarEntry {
  std::string name;
  std::uint64_t size = 0;
};

/// Reads an archive in order. All functions throw std::runtime_error, one line for the operator, for what is no such
/// archive or is cut.
class TarReader {
 public:
  /// `read` fills as much of the buffer as it can and returns how many bytes those are; 0 at the end.
  using Read = std::function<std::size_t(char* buffer, std::size_t size)>;
  explicit TarReader(Read read) : read_(std::move(read)) {}

  /// The next file; nothing after the last one. What was not read of the file before is passed over.
  std::optional<TarEntry> next();
  /// The next piece of the file, at most 256 KiB; empty at its end. Valid until the next call.
  std::string_view content();
  /// The whole rest of the file, which must be at most `bytes_max`.
  std::string text(std::size_t bytes_max);

 private:
  void fill(char* out, std::size_t size);
  void take_extended(std::string_view records);
  void end();

  Read read_;
  std::string buffer_;
  std::uint64_t left_ = 0, padding_ = 0;
  std::optional<std::string> name_;  // of the next file, from an extended header
  std::optional<std::uint64_t> size_;
};

}  // namespace nexus::backup
