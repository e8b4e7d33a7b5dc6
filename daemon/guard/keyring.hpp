// The keys that sign bearer tokens: files keys/jwt-<kid>.key of 32 random bytes, and optionally one key shared with
// another issuer. Loaded at start; `nexusd token rotate-signing` changes the files while no daemon runs.
#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace nexus {

class Keyring {
 public:
  /// Loads keys/jwt-*.key; makes the first one where there is none. Throws std::system_error.
  static Keyring load(const std::filesystem::path& keys_directory);
  /// Adds a new signing key, which becomes the current one; with `retire`, removes that one. Answers the new kid.
  static std::string rotate(const std::filesystem::path& keys_directory, const std::optional<std::string>& retire);

  /// The key shared with another issuer (NEXUSD_JWT_SECRET_FILE): its holder speaks for every user.
  void share(std::string secret) { shared_ = std::move(secret); }
  bool is_shared() const { return shared_.has_value(); }

  /// The key that signs new tokens: the newest kid.
  const std::string& current_kid() const { return keys_.rbegin()->first; }
  const std::string& current_key() const { return keys_.rbegin()->second; }
  const std::string* find(std::string_view kid) const;
  const std::optional<std::string>& shared() const { return shared_; }

 private:
  std::map<std::string, std::string, std::less<>> keys_;  // by kid; kids sort by time of making
  std::optional<std::string> shared_;
};

}  // namespace nexus
