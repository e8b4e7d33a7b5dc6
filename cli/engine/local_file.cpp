#include "cli/engine/local_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "cli/engine/escape.hpp"
#include "cli/engine/failure.hpp"
#include "cli/engine/unnamed_file.hpp"
#include "daemon/base/bytes.hpp"

namespace nexus::cli {
namespace {

constexpr std::size_t kPieceBytes = 256 * 1024;

[[noreturn]] void fail(const std::string& what, const std::string& path) {
  const Exit exit =
      errno == ENOENT || errno == EACCES || errno == EISDIR || errno == EEXIST ? Exit::usage : Exit::negative;
  throw Failure(exit, what + " " + path + ": " + std::strerror(errno));
}

Fd unnamed_file(const std::filesystem::path& directory) {
  if (Fd fd = open_unnamed(directory, 0600)) return fd;
  std::string pattern = (directory / "nexusctl-XXXXXX").string();
  Fd named(::mkostemp(pattern.data(), O_CLOEXEC));
  if (!named) fail("cannot make a temporary file in", directory.string());
  ::unlink(pattern.c_str());
  return named;
}

/// A temporary name beside `path`.
std::filesystem::path part_of(const std::filesystem::path& path) {
  return path.string() + ".part-" + base64url(random_bytes(6));
}

// Hashes the content of `fd` to its end, and copies it to `spool` when there is one.
void take_in(LocalFile& file, int fd, const Fd& spool, const std::string& path) {
  Sha256 hash;
  std::string buffer(kPieceBytes, '\0');
  while (true) {
    const ssize_t count = ::read(fd, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail("cannot read", path);
    if (count == 0) break;
    const std::string_view piece(buffer.data(), static_cast<std::size_t>(count));
    hash.update(piece);
    if (spool) write_all(spool.get(), piece);
    file.size += piece.size();
  }
  file.sha256 = hex(hash.finish());
}

/// The end of a chain of links, whether or not a file exists there.
std::filesystem::path behind_links(std::filesystem::path path) {
  for (int links = 0; std::filesystem::is_symlink(path); ++links) {
    if (links == 40) throw usage_error(path.string() + " is a link that leads in circles");
    path = path.parent_path() / std::filesystem::read_symlink(path);
  }
  return path;
}

/// Adds what is below `directory` / `inside`. Where it cannot be read, `inside` itself: to open it says why.
void add_below(const std::filesystem::path& directory, const std::filesystem::path& inside, Below& below) {
  std::error_code error;
  std::filesystem::directory_iterator at(directory / inside, error);
  for (; !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
    const auto path = inside / at->path().filename();
    std::error_code unknown;
    const auto type = at->symlink_status(unknown).type();
    if (type == std::filesystem::file_type::directory)
      add_below(directory, path, below);
    else if (unknown || type == std::filesystem::file_type::regular)
      below.files.push_back(path.string());
    else
      ++below.left_out;
  }
  if (error) below.files.push_back(inside.string());
}

}  // namespace

Below files_below(const std::filesystem::path& directory) {
  Below below;
  add_below(directory, {}, below);
  std::ranges::sort(below.files);
  return below;
}

std::string local_name(const std::string& path, const std::string& filename) {
  if (!filename.empty()) return filename;
  if (path == "-") throw usage_error("standard input has no name; --filename NAME gives it one");
  return std::filesystem::path(path).filename().string();
}

LocalFile open_local(const std::string& path, const std::string& filename) {
  LocalFile file;
  const bool standard_input = path == "-";
  file.filename = local_name(path, filename);
  Fd fd(standard_input ? ::dup(STDIN_FILENO) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info {};
  if (!fd || ::fstat(fd.get(), &info) != 0) fail("cannot read", path);
  if (S_ISDIR(info.st_mode)) throw usage_error(path + " is a directory");
  // Standard input may be a regular file read from its middle, so it is spooled too.
  Fd spool = S_ISREG(info.st_mode) && !standard_input ? Fd() : unnamed_file(std::filesystem::temp_directory_path());
  take_in(file, fd.get(), spool, path);
  file.fd = spool ? std::move(spool) : std::move(fd);
  return file;
}

std::string read_text(const std::string& path, std::size_t bytes_max) {
  const LocalFile file = open_local(path, path == "-" ? "stdin" : "");
  if (file.size > bytes_max)
    throw usage_error(path + " has " + std::to_string(file.size) + " bytes: at most " + std::to_string(bytes_max) +
                      " are taken");
  std::string text, buffer(kPieceBytes, '\0');
  while (text.size() < file.size) text += read_at(file, text.size(), kPieceBytes, buffer);
  return text;
}

LocalFile spool(std::string_view bytes, const std::string& filename) {
  LocalFile file{unnamed_file(std::filesystem::temp_directory_path()), filename, bytes.size(), sha256_hex(bytes)};
  write_all(file.fd.get(), bytes);
  return file;
}

std::string_view read_at(const LocalFile& file, std::uint64_t offset, std::size_t most, std::string& buffer) {
  buffer.resize(std::min(most, kPieceBytes));
  ssize_t count = 0;
  do {
    count = ::pread(file.fd.get(), buffer.data(), buffer.size(), static_cast<off_t>(offset));
  } while (count < 0 && errno == EINTR);
  if (count < 0) fail("cannot read", file.filename);
  if (count == 0) throw Failure(Exit::negative, file.filename + " became shorter while it was sent");
  return {buffer.data(), static_cast<std::size_t>(count)};
}

IncomingFile::IncomingFile(std::filesystem::path path, bool overwrite, mode_t mode)
    : path_(std::move(path)), overwrite_(overwrite) {
  struct stat info {};
  if (path_ == "-" || path_ == "/dev/stdout") {
    direct_ = true;
    fd_ = Fd(::dup(STDOUT_FILENO));
    if (!fd_) fail("cannot write", "standard output");
  } else if (::stat(path_.c_str(), &info) != 0 || S_ISREG(info.st_mode)) {
    begin_beside(mode);
  } else if (S_ISDIR(info.st_mode)) {
    throw usage_error(path_.string() + " is a directory");
  } else {
    direct_ = true;
    fd_ = Fd(::open(path_.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
    if (!fd_) fail("cannot write", path_.string());
  }
  terminal_ = direct_ && ::isatty(fd_.get()) == 1;
}

void IncomingFile::begin_beside(mode_t mode) {
  path_ = behind_links(path_);
  if (!overwrite_ && std::filesystem::exists(path_))
    throw usage_error(path_.string() + " exists already; --force replaces it");
  std::filesystem::path directory = path_.parent_path();
  if (directory.empty()) directory = ".";
  fd_ = open_unnamed(directory, mode);
  if (fd_) return;
  const std::filesystem::path part = part_of(path_);
  fd_ = Fd(::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (!fd_) fail("cannot write beside", path_.string());
  temporary_ = part;
}

IncomingFile::~IncomingFile() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void IncomingFile::write(std::string_view bytes) {
  hash_.update(bytes);
  size_ += bytes.size();
  if (!terminal_) return write_all(fd_.get(), bytes);
  unshown_ += bytes;
  show(false);
}

/// Holds back a character of UTF-8 that is not complete, unless this is `all`.
void IncomingFile::show(bool all) {
  std::size_t end = unshown_.size();
  const auto byte = [&](std::size_t back) { return static_cast<unsigned char>(unshown_[unshown_.size() - back]); };
  for (std::size_t back = 1; !all && back <= std::min<std::size_t>(3, unshown_.size()); ++back)
    if (byte(back) >= 0xC0) {
      const std::size_t length = byte(back) >= 0xF0 ? 4 : byte(back) >= 0xE0 ? 3 : 2;
      if (length > back) end = unshown_.size() - back;
      break;
    }
  write_all(fd_.get(), escape_lines(std::string_view(unshown_).substr(0, end)));
  unshown_.erase(0, end);
}

std::string IncomingFile::finish_digest() { return hex(hash_.finish()); }

void IncomingFile::keep() {
  if (terminal_) show(true);
  if (direct_) return;
  sync_file(fd_.get());
  if (temporary_.empty()) {
    const std::filesystem::path name = overwrite_ ? part_of(path_) : path_;
    if (!name_unnamed(fd_, name)) fail("cannot write", name.string());
    if (!overwrite_) return;
    temporary_ = name;
  }
  // A link never replaces: a file that appeared meanwhile stays. Only a file system without links is renamed on.
  if (!overwrite_ && ::link(temporary_.c_str(), path_.c_str()) == 0) return;
  if (!overwrite_ && errno == EEXIST) fail("cannot write", path_.string());
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail("cannot write", path_.string());
  temporary_.clear();
}

}  // namespace nexus::cli
