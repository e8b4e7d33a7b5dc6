// Addresses of servers, `http://host[:port]/...`, and the authority inside them. Only http and https; no user info (a
// password in a URL ends in logs). The target is kept byte for byte, because a presigned query is signed as it is.
// Boost.URL parses URIs of any scheme (daemon/media/source_uri.cpp).
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nexus {

/// The part between `//` and the path.
struct Authority {
  std::string host;                   ///< without the brackets of an IPv6 literal; not empty
  std::optional<std::uint16_t> port;  ///< as written
  bool bracketed = false;             ///< it was in brackets: it must be an IPv6 address
};

/// `host`, `host:port`, `[v6]` or `[v6]:port`; returns nothing for anything else. Does not check the host.
std::optional<Authority> parse_authority(std::string_view text);

struct Url {
  bool secure = false;
  std::string host;  ///< without the brackets of an IPv6 literal
  int port = 0;
  std::string target;  ///< path and query, "/" at least; an address's path is a prefix for every route

  std::string origin() const;  ///< scheme://host:port
  bool loopback() const;       ///< 127.0.0.0/8, ::1 or localhost
};

/// Returns nothing unless the text is an absolute http(s) URL of printable ASCII with a port other than 0.
std::optional<Url> parse_url(std::string_view text);

}  // namespace nexus
