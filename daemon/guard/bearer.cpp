#include "daemon/guard/bearer.hpp"

#include <algorithm>

#include "daemon/base/bytes.hpp"
#include "daemon/base/crypto.hpp"
#include "daemon/base/json.hpp"
#include "daemon/base/problem.hpp"
#include "daemon/base/text.hpp"
#include "daemon/guard/problems.hpp"
#include "daemon/limits.hpp"

namespace nexus {
namespace {

constexpr std::size_t kTokenBytesMax = 4096;
constexpr std::size_t kSeenMax = 8192;
constexpr std::string_view kIssuer = "nexusd";
constexpr Micros kLeeway = std::chrono::microseconds(limits::token_leeway).count();

[[noreturn]] void invalid(const char* why) { throw Problem(problems::auth_invalid_token, why); }

Json segment(std::string_view text) {
  const auto bytes = unbase64url(text);
  if (!bytes) invalid("the token is malformed");
  try {
    Json value = parse_json(*bytes);
    if (!value.is_object()) invalid("the token is malformed");
    return value;
  } catch (const JsonError&) {
    invalid("the token is malformed");
  }
}

std::string text_claim(const Json& claims, const char* name) {
  const auto found = claims.find(name);
  if (found == claims.end() || !found->is_string()) invalid("a claim is missing or has a wrong type");
  return found->get<std::string>();
}

/// Seconds since the epoch, bounded so that micros cannot overflow.
Micros time_claim(const Json& claims, const char* name) {
  const auto found = claims.find(name);
  if (found == claims.end() || !found->is_number_integer()) invalid("a claim is missing or has a wrong type");
  constexpr std::int64_t bound = INT64_MAX / kSecond / 2;
  if (found->is_number_unsigned() && found->get<std::uint64_t>() > static_cast<std::uint64_t>(bound))
    invalid("a time of the token is out of range");
  const auto seconds = found->get<std::int64_t>();
  if (seconds < 0) invalid("a time of the token is out of range");
  return seconds * kSecond;
}

std::optional<std::set<std::string>> set_claim(const Json& claims, const char* name) {
  const auto found = claims.find(name);
  if (found == claims.end()) return std::nullopt;
  if (!found->is_array() || !std::ranges::all_of(*found, [](const Json& item) { return item.is_string(); }))
    invalid("a claim is missing or has a wrong type");
  return found->get<std::set<std::string>>();
}

void judge_audience(const Json& claims) {
  const auto found = claims.find("aud");
  if (found == claims.end()) return;
  const bool ours = found->is_string() ? *found == kIssuer
                                       : found->is_array() && std::ranges::find(*found, Json(kIssuer)) != found->end();
  if (!ours) invalid("the token is for another audience");
}

Claims read_claims(const Json& json) {
  Claims claims;
  if (text_claim(json, "iss") != kIssuer) invalid("the token is of another issuer");
  claims.user_id = text_claim(json, "sub");
  claims.token_id = text_claim(json, "jti");
  if (!UserId::parse(claims.user_id) || !is_client_id(claims.token_id)) invalid("the token is malformed");
  judge_audience(json);
  claims.scope.expires_at = time_claim(json, "exp");
  if (json.contains("iat")) time_claim(json, "iat");
  if (json.contains("nbf")) claims.not_before = time_claim(json, "nbf");
  claims.scope.tenants = set_claim(json, "tenants");
  claims.scope.envs = set_claim(json, "envs");
  if (json.contains("role")) {
    claims.scope.role = parse_role(text_claim(json, "role"));
    if (!claims.scope.role) invalid("the token's role is none");
  }
  claims.actor_type = json.contains("actor_type") ? text_claim(json, "actor_type") : "human";
  if (claims.actor_type != "human" && claims.actor_type != "agent") invalid("the token's actor_type is none");
  return claims;
}

std::string mac_of(std::string_view signed_part, std::string_view key) {
  return std::string(as_text(hmac_sha256(key, signed_part)));
}

/// A token split at its dots. `signed_part` is header and claims as they were sent.
struct Parts {
  Json header;
  std::string_view claims;  // encoded: not read before the signature is verified
  std::string_view signed_part;
  std::string mac;

  bool is_signed_with(std::string_view key) const { return constant_time_equal(mac, mac_of(signed_part, key)); }
};

/// Splits a token. Its header must say HS256 and nothing unknown.
Parts parts_of(std::string_view token) {
  if (token.size() > kTokenBytesMax) invalid("the token is too large");
  const auto texts = split(token, '.');
  if (texts.size() != 3) invalid("the token is malformed");
  auto mac = unbase64url(texts[2]);
  if (!mac) invalid("the token is malformed");
  Parts parts{segment(texts[0]), texts[1], token.substr(0, token.rfind('.')), std::move(*mac)};
  const Json& header = parts.header;
  if (header.value("alg", Json()) != "HS256") invalid("the token is not signed with HS256");
  if (header.contains("crit")) invalid("the token asks for an extension that is not known here");  // RFC 7515, 4.1.11
  for (const char* name : {"typ", "kid"})
    if (header.contains(name) && !header[name].is_string()) invalid("the token is malformed");
  // In other types, the claims mean something else (RFC 8725, 3.11).
  if (header.contains("typ") && lower_ascii(header["typ"].get<std::string>()) != "jwt")
    invalid("the token's typ is not JWT");
  return parts;
}

void judge_times(const Claims& claims, Micros now) {
  judge_expiry(claims.scope, now);
  if (claims.scope.expires_at > now + std::chrono::microseconds(limits::token_lifetime_max).count() + kLeeway)
    invalid("the token lives longer than 365 days");
  if (claims.not_before > now + kLeeway) invalid("the token is not valid yet");
}

Json to_json(const Claims& claims, Micros now) {
  Json json = {{"iss", kIssuer},
               {"sub", claims.user_id},
               {"jti", claims.token_id},
               {"iat", now / kSecond},
               {"exp", claims.scope.expires_at / kSecond},
               {"actor_type", claims.actor_type}};
  if (claims.scope.tenants) json["tenants"] = *claims.scope.tenants;
  if (claims.scope.envs) json["envs"] = *claims.scope.envs;
  if (claims.scope.role) json["role"] = to_string(*claims.scope.role);
  return json;
}

}  // namespace

void judge_expiry(const TokenScope& scope, Micros now) {
  if (scope.expires_at + kLeeway <= now)
    throw Problem(problems::auth_token_expired, "the token has expired: ask whoever gave it to you for a new one");
}

std::shared_ptr<const Keyring> Bearers::keys() const {
  const std::lock_guard lock(mutex_);
  return keys_;
}

void Bearers::renew(Keyring keys) {
  auto renewed = std::make_shared<const Keyring>(std::move(keys));
  const std::lock_guard lock(mutex_);
  keys_ = std::move(renewed);
  seen_.clear();
}

Claims Bearers::decode(const Keyring& keys, std::string_view token) {
  const Parts parts = parts_of(token);
  const std::string kid = parts.header.value("kid", keys.current_kid());
  const std::string* own = keys.find(kid);
  bool shared = false;
  if (own == nullptr || !parts.is_signed_with(*own)) {
    shared = keys.shared() && parts.is_signed_with(*keys.shared());
    if (!shared) invalid("the token's signature does not match");
  }
  Claims claims = read_claims(segment(parts.claims));
  claims.shared = shared;
  claims.vouched_by = shared ? keys.shared_name() : kid;
  return claims;
}

Claims Bearers::verify(std::string_view token, Micros now) {
  const Digest digest = sha256(token);
  const std::string key(as_text(digest));
  std::shared_ptr<const Claims> known;
  std::shared_ptr<const Keyring> keys;
  {
    const std::lock_guard lock(mutex_);
    keys = keys_;
    if (const auto found = seen_.find(key); found != seen_.end()) known = found->second;
  }
  if (!known) {
    known = std::make_shared<const Claims>(decode(*keys, token));
    const std::lock_guard lock(mutex_);
    if (seen_.size() >= kSeenMax) seen_.clear();
    if (keys == keys_) seen_.emplace(key, known);  // else the keys were renewed meanwhile
  }
  judge_times(*known, now);
  return *known;
}

std::string Bearers::sign(const Claims& claims, Micros now) const {
  const auto keys = this->keys();
  const std::string& kid = keys->signing_kid(agreed_ ? agreed_() : "");
  const Json header = {{"alg", "HS256"}, {"kid", kid}, {"typ", "JWT"}};
  const std::string text = base64url(to_text(header)) + "." + base64url(to_text(to_json(claims, now)));
  return text + "." + base64url(mac_of(text, *keys->find(kid)));
}

}  // namespace nexus
