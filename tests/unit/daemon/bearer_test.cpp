// The bytes of a bearer token, held against one that another implementation signed (Python's hmac): tokens that are out
// there go on being good, and ours are good elsewhere. What makes a token bad is tests/api/bad_token_test.cpp's.
#include "daemon/guard/bearer.hpp"

#include "daemon/base/file.hpp"
#include "daemon/base/problem.hpp"
#include "tests/catch.hpp"
#include "tests/unit/blobs/support.hpp"

namespace nexus {
namespace {

constexpr std::string_view kKey = "0123456789abcdef0123456789abcdef";
constexpr Micros kMade = 1'800'000'000 * kSecond, kEnd = kMade + 3600 * kSecond;
const std::string kToken =
    "eyJhbGciOiJIUzI1NiIsImtpZCI6IjIwMjYwMTAxVDAwMDAwMFotMDAwMDAxIiwidHlwIjoiSldUIn0."
    "eyJhY3Rvcl90eXBlIjoiaHVtYW4iLCJlbnZzIjpbImRldiJdLCJleHAiOjE4MDAwMDM2MDAsImlhdCI6MTgwMDAwMDAwMCwiaXNzIjoibmV4dXNk"
    "IiwianRpIjoiMDFhMjA2MzYtNjZiMS03MDAxLWI4ZDctOTUzZTI1NmFhNmI1Iiwicm9sZSI6Im1lbWJlciIsInN1YiI6InVfYW5uIiwidGVuYW50"
    "cyI6WyJ0X2FjbWUiXX0."
    "nWIDVhIv1kDYjw0JNSfuuktB7D37pSQIIWpEojNnztM";

Keyring ring_with(std::string_view key) {
  const blobs::testing::TemporaryDirectory directory;
  replace_file(directory.path() / "jwt-20260101T000000Z-000001.key", key);
  return Keyring::load(directory.path());
}

Claims claims() {
  Claims claims;
  claims.user_id = "u_ann";
  claims.token_id = "01a20636-66b1-7001-b8d7-953e256aa6b5";
  claims.actor_type = "human";
  claims.scope = {.tenants = {{"t_acme"}}, .envs = {{"dev"}}, .role = Role::member, .expires_at = kEnd};
  return claims;
}

std::string verdict(Bearers& bearers, const std::string& token, Micros now) {
  try {
    bearers.verify(token, now);
    return "good";
  } catch (const Problem& problem) {
    return std::string(info(problem.code).code);
  }
}

}  // namespace

TEST_CASE("a token is signed as the rest of the world signs it") {
  CHECK(Bearers(ring_with(kKey)).sign(claims(), kMade) == kToken);
}

TEST_CASE("a daemon signs by the key that all daemons have, and by the newest where they have agreed on none") {
  const blobs::testing::TemporaryDirectory directory;
  replace_file(directory.path() / "jwt-20260101T000000Z-000001.key", kKey);
  replace_file(directory.path() / "jwt-20260102T000000Z-000001.key", std::string(32, 'n'));
  const Keyring ring = Keyring::load(directory.path());
  const auto names = ring.names();
  REQUIRE(names.size() == 2);
  CHECK(names[0] == ring_with(kKey).names()[0]);
  CHECK(names[0] != ring_with(std::string(32, 'o')).names()[0]);
  CHECK(Bearers(ring, [&] { return names[0]; }).sign(claims(), kMade) == kToken);
  for (const std::string& agreed : {std::string(), names[1], ring_with(std::string(32, 'o')).names()[0]}) {
    Bearers bearers(ring, [&] { return agreed; });
    CHECK(bearers.verify(bearers.sign(claims(), kMade), kMade).vouched_by == "20260102T000000Z-000001");
  }
}

TEST_CASE("another implementation's token is understood, within its time and under its key alone") {
  Bearers bearers(ring_with(kKey));
  const Claims read = bearers.verify(kToken, kMade);
  CHECK(read.user_id == "u_ann");
  CHECK(read.scope.tenants == std::set<std::string>{"t_acme"});
  CHECK(read.scope.role == Role::member);
  CHECK(read.vouched_by == "20260101T000000Z-000001");
  CHECK_FALSE(read.shared);
  // Remembered now, and judged by the clock all the same.
  CHECK(verdict(bearers, kToken, kEnd + 29 * kSecond) == "good");
  CHECK(verdict(bearers, kToken, kEnd + 30 * kSecond) == "auth.token_expired");
  bearers.renew(ring_with("another key of thirty-two bytes!"));
  CHECK(verdict(bearers, kToken, kMade) == "auth.invalid_token");
}

TEST_CASE("a token of the shared key is known as one") {
  Keyring keys = ring_with("another key of thirty-two bytes!");
  keys.share(std::string(kKey));
  Bearers bearers(keys);
  const Claims read = bearers.verify(kToken, kMade);
  CHECK(read.shared);
  CHECK(read.vouched_by == keys.shared_name());
}

}  // namespace nexus
