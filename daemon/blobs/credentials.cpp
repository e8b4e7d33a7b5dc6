// The key pair of the local store, kept beside the daemon's other keys.
#include <fcntl.h>
#include <sys/stat.h>

#include <stdexcept>

#include "daemon/base/bytes.hpp"
#include "daemon/base/crypto.hpp"
#include "daemon/base/file.hpp"
#include "daemon/base/text.hpp"
#include "daemon/blobs/backend.hpp"

namespace nexus::blobs {
namespace {

constexpr std::string_view kPrefix = "nxl_";
constexpr std::size_t kFileBytesMax = 1024;
constexpr std::size_t kSecretBytesMin = 32;

Credentials create(const std::filesystem::path& path) {
  Credentials made{std::string(kPrefix) + hex(sha256(random_bytes(32))).substr(0, 16), base64url(random_bytes(32))};
  replace_file(path, made.access_key_id + "\n" + made.secret + "\n");
  return made;
}

Credentials parse(std::string_view text) {
  const auto lines = split(text, '\n');
  const bool whole = lines.size() == 3 && lines[2].empty() && lines[0].starts_with(kPrefix) &&
                     lines[0].find('/') == std::string_view::npos && lines[1].size() >= kSecretBytesMin;
  if (!whole) throw std::runtime_error("the local store's key file is not two lines, key id and secret");
  return {std::string(lines[0]), std::string(lines[1])};
}

void check_private(const std::filesystem::path& path) {
  struct stat status {};
  const Fd file = open_file(path, O_RDONLY | O_NOFOLLOW);
  if (::fstat(file.get(), &status) != 0 || (status.st_mode & 077) != 0)
    throw std::runtime_error("the local store's key file is open to others; it must have mode 0600");
}

}  // namespace

Credentials load_or_create_credentials(const std::filesystem::path& path) {
  if (!std::filesystem::exists(std::filesystem::symlink_status(path))) return create(path);
  check_private(path);
  return parse(read_file(path, kFileBytesMax));
}

}  // namespace nexus::blobs
