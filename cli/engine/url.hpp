// Addresses: the daemon's and the presigned ones it hands out. Only http and https; no user info (a password in a URL
// ends in logs). The target is kept byte for byte, because a presigned query is signed as it stands.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace nexus::cli {

struct Url {
  bool secure = false;
  std::string host;  // without the brackets of an IPv6 literal
  int port = 0;
  std::string target;  // path and query, "/" at least; an address's path is a prefix for every route

  std::string origin() const;  // scheme://host:port
  bool loopback() const;
};

/// Nothing for anything that is not an absolute http(s) URL.
std::optional<Url> parse_url(std::string_view text);

/// The address of a daemon: parse_url without query, trailing slashes removed. Throws a usage error naming `source`.
Url parse_address(std::string_view text, std::string_view source);

}  // namespace nexus::cli
