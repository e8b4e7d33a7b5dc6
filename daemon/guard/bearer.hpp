// Bearer tokens: JSON Web Tokens (RFC 7519) signed with HS256 and nothing else. They are made and verified here, by the
// HMAC of daemon/base/crypto and the strict parser of daemon/base/json. A valid token alone permits nothing: the guard
// reads live whether the user, the membership and the token id are still valid.
#pragma once
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "daemon/base/clock.hpp"
#include "daemon/guard/caller.hpp"
#include "daemon/guard/keyring.hpp"

namespace nexus {

/// The claims of a token whose signature and form are valid.
struct Claims : Identity {
  Micros not_before = 0;
  bool shared = false;  // signed with the shared key: the token id may be unknown here
};

/// Throws Problem auth.token_expired, allowing for the issuer's clock to differ. Not for the system token, which never
/// expires.
void judge_expiry(const TokenScope& scope, Micros now);

class Bearers {
 public:
  /// `agreed`: the name of the key that shall sign, where daemons must agree on it (Keyring::signing_kid); cheap.
  explicit Bearers(Keyring keys, std::function<std::string()> agreed = {})
      : agreed_(std::move(agreed)), keys_(std::make_shared<const Keyring>(std::move(keys))) {}

  /// The keys in force now.
  std::shared_ptr<const Keyring> keys() const;
  /// Replaces the keys. Tokens of keys that are not in `keys` end at once.
  void renew(Keyring keys);

  /// Throws Problem auth.invalid_token or auth.token_expired. Signatures are compared in constant time. Valid tokens
  /// are remembered by their digest, so that only their times are judged again.
  Claims verify(std::string_view token, Micros now);
  /// Makes a signed token for these claims (iat = now).
  std::string sign(const Claims& claims, Micros now) const;

 private:
  static Claims decode(const Keyring& keys, std::string_view token);

  const std::function<std::string()> agreed_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Keyring> keys_;
  std::unordered_map<std::string, std::shared_ptr<const Claims>>
      seen_;  // by SHA-256 of the token; emptied when it grows too large
};

}  // namespace nexus
