#include "daemon/app/secret_file.hpp"

#include "daemon/base/file.hpp"
#include "daemon/base/text.hpp"
#include "daemon/config/resolve.hpp"

namespace nexus::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kSecretBytesMax = 4096;

[[noreturn]] void refuse(const std::string& option, const std::string& problem, const std::string& remedy) {
  throw ConfigError(option, "configuration", problem, remedy);
}

std::string read_private(const std::string& option, const fs::path& path) {
  std::error_code error;
  const auto status = fs::status(path, error);
  if (!fs::is_regular_file(status))
    refuse(option, "names no file: " + path.string(), "write the secret there, mode 0600");
  if ((status.permissions() & (fs::perms::group_all | fs::perms::others_all)) != fs::perms::none)
    refuse(option, "others may open the file", "chmod 600 " + path.string());
  try {
    return read_file(path, kSecretBytesMax);
  } catch (const std::exception&) {
    refuse(option, "cannot be read: " + path.string(), "let it be a small file that nexusd may read");
  }
}

std::string no_empty_one(const std::string& option, const fs::path& path, std::string secret) {
  if (secret.empty()) refuse(option, "names an empty file: " + path.string(), "write the secret there, mode 0600");
  return secret;
}

std::string cut_line_end(std::string text) {
  if (!text.ends_with('\n')) return text;
  text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

}  // namespace

std::string read_secret_bytes(const std::string& option, const fs::path& path) {
  const std::string content = read_private(option, path);
  std::string secret = no_empty_one(option, path, cut_line_end(content));
  if (secret != trim_ascii(content))
    refuse(option, "begins or ends with white space, which earlier versions left out: " + path.string(),
           "write the secret without it; one line end behind it is no part of it");
  return secret;
}

std::string read_secret_text(const std::string& option, const fs::path& path) {
  return no_empty_one(option, path, std::string(trim_ascii(read_private(option, path))));
}

}  // namespace nexus::app
