#include "daemon/app/secret_file.hpp"

#include "daemon/base/file.hpp"
#include "daemon/base/text.hpp"
#include "daemon/config/resolve.hpp"

namespace nexus::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kSecretBytesMax = 4096;

}  // namespace

std::string read_secret_file(const std::string& option, const fs::path& path) {
  const auto refuse = [&](const std::string& problem, const std::string& remedy) {
    throw ConfigError(option, "configuration", problem, remedy);
  };
  std::error_code error;
  const auto status = fs::status(path, error);
  if (!fs::is_regular_file(status)) refuse("names no file: " + path.string(), "write the secret there, mode 0600");
  if ((status.permissions() & (fs::perms::group_all | fs::perms::others_all)) != fs::perms::none)
    refuse("others may open the file", "chmod 600 " + path.string());
  std::string secret;
  try {
    secret = trim_ascii(read_file(path, kSecretBytesMax));
  } catch (const std::exception&) {
    refuse("cannot be read: " + path.string(), "let it be a small file that nexusd may read");
  }
  if (secret.empty()) refuse("names an empty file: " + path.string(), "write the secret there, mode 0600");
  return secret;
}

}  // namespace nexus::app
