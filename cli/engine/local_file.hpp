// Local files on their way to or from Nexus. They are read with a running digest and never held in memory. A written
// name either has its whole content or does not exist.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/crypto.hpp"
#include "daemon/base/file.hpp"

namespace nexus::cli {

/// A file to send: open, measured and hashed. A pipe or standard input is spooled to an unnamed temporary file first,
/// because its digest must be known before its first byte is sent.
struct LocalFile {
  Fd fd;
  std::string filename;  // the name sent to the server, without directories
  std::uint64_t size = 0;
  std::string sha256;
};

/// The file name sent to the server: `filename` when given, else the last part of `path`. Standard input (`-`) needs a
/// given one.
std::string local_name(const std::string& path, const std::string& filename);

/// `path` `-` is standard input, which needs a `filename`.
LocalFile open_local(const std::string& path, const std::string& filename = {});

/// What is below a directory.
struct Below {
  std::vector<std::string> files;  // regular files and what cannot be read, by their paths in it, in byte order
  std::size_t left_out = 0;        // symbolic links, which are not followed, pipes, devices, sockets
};
Below files_below(const std::filesystem::path& directory);

/// Our own bytes as such a file.
LocalFile spool(std::string_view bytes, const std::string& filename);

/// Reads up to `most` bytes at `offset` into `buffer`. Throws a Failure when the file has become shorter meanwhile.
std::string_view read_at(const LocalFile& file, std::uint64_t offset, std::size_t most, std::string& buffer);

/// Reads all of a text file, or of standard input for `-`, at most `bytes_max` bytes. For texts that people write.
std::string read_text(const std::string& path, std::size_t bytes_max);

/// A file being written: bytes go to an unnamed file beside `path`, and `keep` gives it its name. Without `keep` it
/// vanishes, also when the process is killed (where unnamed_file.hpp makes such files). Links are followed. A target
/// that is not a regular file (a device, a pipe; `-` is standard output) is written to at once, and never replaced.
/// What would drive a terminal is escaped there.
class IncomingFile {
 public:
  IncomingFile(std::filesystem::path path, bool overwrite, mode_t mode = 0666);
  ~IncomingFile();
  IncomingFile(const IncomingFile&) = delete;
  IncomingFile& operator=(const IncomingFile&) = delete;

  void write(std::string_view bytes);
  std::uint64_t size() const { return size_; }
  /// Whether the written bytes have left already, so that `keep` can hold nothing back.
  bool direct() const { return direct_; }
  /// Returns the digest of all written bytes; call it once.
  std::string finish_digest();
  void keep();

 private:
  void begin_beside(mode_t mode);
  void show(bool all);

  std::filesystem::path path_;
  bool overwrite_;
  bool direct_ = false;
  bool terminal_ = false;
  std::string unshown_;  // on a terminal: the beginning of a character whose end is to come
  Fd fd_;
  std::filesystem::path temporary_;  // empty while the file has no name
  Sha256 hash_;
  std::uint64_t size_ = 0;
};

}  // namespace nexus::cli
