// The keys that vouch for callers: those that sign bearer tokens, files keys/jwt-<kid>.key of 32 random bytes,
// optionally one shared with another issuer, and the digest of the system token. Loaded at start and, after `nexusd
// token rotate-signing` changed the files, at SIGHUP.
#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nexus {

class Keyring {
 public:
  /// The kids of the keys that are there, oldest first.
  static std::vector<std::string> kids(const std::filesystem::path& keys_directory);
  /// Loads keys/jwt-*.key; makes the first one where there is none. Throws std::system_error.
  static Keyring load(const std::filesystem::path& keys_directory);
  /// Adds a new signing key, which becomes the current one; with `retire`, removes that one. Answers the new kid.
  static std::string rotate(const std::filesystem::path& keys_directory, const std::optional<std::string>& retire);

  /// The key shared with another issuer (NEXUSD_JWT_SECRET_FILE): its holder speaks for every user.
  void share(std::string secret);
  /// SHA-256 of the system token, in lower-case hex.
  void trust_root(std::string sha256) { root_sha256_ = std::move(sha256); }

  /// The key that signs new tokens: the newest kid.
  const std::string& current_kid() const { return keys_.rbegin()->first; }
  const std::string& current_key() const { return keys_.rbegin()->second; }
  const std::string* find(std::string_view kid) const;
  const std::optional<std::string>& shared() const { return shared_; }
  /// What a caller's `vouched_by` says of the shared key: another name for another key.
  const std::string& shared_name() const { return shared_name_; }
  const std::string& root_sha256() const { return root_sha256_; }
  /// Whether what vouched for a caller still does: a kid, the name of the shared key, the digest of the system token.
  bool stands(std::string_view vouched_by) const;

 private:
  std::map<std::string, std::string, std::less<>> keys_;  // by kid; kids sort by time of making
  std::optional<std::string> shared_;
  std::string shared_name_;
  std::string root_sha256_;
};

}  // namespace nexus
