// Bearer tokens made by hand with the daemon's own key at hand: good ones of which a test changes one thing.
#pragma once
#include <chrono>
#include <fstream>
#include <iterator>

#include "daemon/base/bytes.hpp"
#include "daemon/base/crypto.hpp"
#include "tests/api/world.hpp"

namespace nexus::test {

inline std::int64_t now_seconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

inline std::string slurp(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The one signing key of a fresh daemon, and its kid.
struct Key {
  std::string kid, secret;
};

inline Key key_of(World& world) {
  for (const auto& entry : std::filesystem::directory_iterator(world.daemon().data_dir() / "keys")) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("jwt-") && name.ends_with(".key"))
      return {name.substr(4, name.size() - 8), slurp(entry.path())};
  }
  throw std::runtime_error("the daemon has no signing key");
}

/// Everything a good token is made of; a case changes one thing.
struct Parts {
  Json header, claims;
  std::string key;

  std::string signed_part() const { return base64url(header.dump()) + "." + base64url(claims.dump()); }
  std::string token() const {
    const std::string text = signed_part();
    return text + "." + base64url(as_text(hmac_sha256(key, text)));
  }
};

inline Parts good_parts(World& world, const Person& person) {
  const Key key = key_of(world);
  const std::string jti = world.call("GET", "/auth/me", World::as(person)).json["token"]["token_id"];
  const std::int64_t now = now_seconds();
  return {{{"alg", "HS256"}, {"typ", "JWT"}, {"kid", key.kid}},
          {{"iss", "nexusd"}, {"sub", person.id}, {"jti", jti}, {"iat", now}, {"exp", now + 3600}},
          key.secret};
}

/// A token of this person's that is good for so many seconds more (the leeway counted), or whose time is over.
inline Person lasting(World& world, const Person& person, std::int64_t seconds) {
  constexpr std::int64_t leeway = 30;
  Parts parts = good_parts(world, person);
  parts.claims["exp"] = now_seconds() + seconds - leeway;
  return {person.id, parts.token()};
}

}  // namespace nexus::test
