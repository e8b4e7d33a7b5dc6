// The keys that vouch for callers: those that sign bearer tokens (files keys/jwt-<kid>.key of 32 random bytes),
// optionally one shared with another issuer, and the digest of the system token. Loaded at start and at SIGHUP, after
// `nexusd token rotate-signing` changed the files.
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
  /// The kids of the existing keys, oldest first.
  static std::vector<std::string> kids(const std::filesystem::path& keys_directory);
  /// Loads keys/jwt-*.key; makes the first one if there is none. Throws std::system_error.
  static Keyring load(const std::filesystem::path& keys_directory);
  /// Adds a new signing key, which becomes the current one. With `retire`, removes the key of that kid. Returns the new
  /// kid.
  static std::string rotate(const std::filesystem::path& keys_directory, const std::optional<std::string>& retire);

  /// Sets the key shared with another issuer (NEXUSD_JWT_SECRET_FILE). Its holder may speak for every user.
  void share(std::string secret);
  /// Sets the SHA-256 of the system token, in lower-case hex.
  void trust_root(std::string sha256) { root_sha256_ = std::move(sha256); }

  /// The key that signs new tokens: the newest kid.
  const std::string& current_kid() const { return keys_.rbegin()->first; }
  /// The same where daemons have agreed on a key, by its name: that one, if it is here.
  const std::string& signing_kid(std::string_view agreed) const;
  /// Of each key: its kid and a digest, by which daemons compare theirs. The digest tells nothing of 32 random bytes.
  std::vector<std::string> names() const;
  const std::string* find(std::string_view kid) const;
  const std::optional<std::string>& shared() const { return shared_; }
  /// The shared key's name in a caller's `vouched_by`; another key has another name.
  const std::string& shared_name() const { return shared_name_; }
  const std::string& root_sha256() const { return root_sha256_; }
  /// Whether what vouched for a caller is still trusted: a kid, the name of the shared key, or the digest of the system
  /// token.
  bool stands(std::string_view vouched_by) const;

 private:
  std::map<std::string, std::string, std::less<>> keys_;  // by kid; kids sort by creation time
  std::optional<std::string> shared_;
  std::string shared_name_;
  std::string root_sha256_;
};

}  // namespace nexus
