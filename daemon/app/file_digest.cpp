#include "daemon/app/file_digest.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "daemon/base/bytes.hpp"
#include "daemon/base/crypto.hpp"
#include "daemon/base/file.hpp"

namespace nexus::app {

std::string file_digest(const std::filesystem::path& file) {
  constexpr std::size_t piece_bytes = 1 << 20;
  const Fd fd = open_file(file, O_RDONLY | O_NOFOLLOW);
  Sha256 hash;
  std::string piece(piece_bytes, '\0');
  for (ssize_t got = 0; (got = ::read(fd.get(), piece.data(), piece.size())) != 0;) {
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw std::system_error(errno, std::generic_category(), "read " + file.string());
    hash.update(std::string_view(piece).substr(0, static_cast<std::size_t>(got)));
  }
  return hex(hash.finish());
}

}  // namespace nexus::app
