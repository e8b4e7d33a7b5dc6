#include "daemon/guard/keyring.hpp"

#include <algorithm>
#include <stdexcept>

#include "daemon/base/clock.hpp"
#include "daemon/base/crypto.hpp"
#include "daemon/base/file.hpp"

namespace nexus {
namespace {

constexpr std::string_view kFilePrefix = "jwt-";
constexpr std::size_t kKeyBytes = 32;

std::filesystem::path path_of(const std::filesystem::path& directory, std::string_view kid) {
  return directory / (std::string(kFilePrefix) + std::string(kid) + ".key");
}

std::map<std::string, std::string, std::less<>> read_keys(const std::filesystem::path& directory) {
  std::map<std::string, std::string, std::less<>> keys;
  for (const std::string& kid : Keyring::kids(directory)) {
    std::string key = read_file(path_of(directory, kid), 4096);
    if (key.size() < kKeyBytes)
      throw std::runtime_error("the signing key " + path_of(directory, kid).filename().string() +
                               " is shorter than 32 bytes");
    keys.emplace(kid, std::move(key));
  }
  return keys;
}

std::string name_of(std::string_view kid, std::string_view key) {
  std::string text = "a signing key of nexusd ";
  text.append(kid).append(1, '\0').append(key);
  return std::string(kid) + " " + sha256_hex(text);
}

std::string make_key(const std::filesystem::path& directory) {
  // The second is for people, the fraction for two rotations within one second: kids sort by creation time.
  const Micros now = now_micros();
  const std::string fraction = std::to_string(kSecond + now % kSecond).substr(1);
  const std::string kid = to_amz_date(now) + "-" + fraction;
  replace_file(path_of(directory, kid), random_bytes(kKeyBytes));
  return kid;
}

}  // namespace

std::vector<std::string> Keyring::kids(const std::filesystem::path& keys_directory) {
  std::vector<std::string> kids;
  std::error_code missing;
  for (const auto& entry : std::filesystem::directory_iterator(keys_directory, missing)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(kFilePrefix) && entry.path().extension() == ".key")
      kids.push_back(entry.path().stem().string().substr(kFilePrefix.size()));
  }
  std::ranges::sort(kids);
  return kids;
}

Keyring Keyring::load(const std::filesystem::path& keys_directory) {
  Keyring ring;
  ring.keys_ = read_keys(keys_directory);
  if (ring.keys_.empty()) {
    make_key(keys_directory);
    ring.keys_ = read_keys(keys_directory);
  }
  return ring;
}

std::string Keyring::rotate(const std::filesystem::path& keys_directory, const std::optional<std::string>& retire) {
  const auto keys = read_keys(keys_directory);
  if (retire && !keys.contains(*retire)) throw std::runtime_error("there is no signing key with the kid " + *retire);
  std::string kid = make_key(keys_directory);
  if (retire && *retire != kid) {
    std::filesystem::remove(path_of(keys_directory, *retire));
    sync_directory(keys_directory);
  }
  return kid;
}

std::vector<std::string> Keyring::names() const {
  std::vector<std::string> names;
  for (const auto& [kid, key] : keys_) names.push_back(name_of(kid, key));
  return names;
}

const std::string& Keyring::signing_kid(std::string_view agreed) const {
  const auto found = keys_.find(agreed.substr(0, agreed.find(' ')));
  return found != keys_.end() && name_of(found->first, found->second) == agreed ? found->first : current_kid();
}

void Keyring::share(std::string secret) {
  shared_name_ = "shared " + sha256_hex(secret);
  shared_ = std::move(secret);
}

bool Keyring::stands(std::string_view vouched_by) const {
  return keys_.contains(vouched_by) || (shared_ && vouched_by == shared_name_) ||
         (!root_sha256_.empty() && vouched_by == root_sha256_);
}

const std::string* Keyring::find(std::string_view kid) const {
  const auto found = keys_.find(kid);
  return found == keys_.end() ? nullptr : &found->second;
}

}  // namespace nexus
