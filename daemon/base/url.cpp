#include "daemon/base/url.hpp"

#include <algorithm>
#include <charconv>

#include "daemon/base/text.hpp"

namespace nexus {
namespace {

bool printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

/// A port in decimal digits, 0 to 65535.
std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return port;
}

}  // namespace

std::optional<Authority> parse_authority(std::string_view text) {
  Authority authority;
  std::size_t host_end = text.find(':');
  if (text.starts_with('[')) {
    const auto bracket = text.find(']');
    if (bracket == std::string_view::npos) return std::nullopt;
    authority.bracketed = true;
    authority.host = text.substr(1, bracket - 1);
    host_end = bracket + 1 < text.size() ? bracket + 1 : std::string_view::npos;
  } else {
    authority.host = text.substr(0, host_end);
  }
  if (host_end != std::string_view::npos) {
    if (text[host_end] == ':') authority.port = parse_port(text.substr(host_end + 1));
    if (!authority.port) return std::nullopt;
  }
  return authority.host.empty() ? std::nullopt : std::optional(authority);
}

std::string Url::origin() const {
  const bool v6 = host.find(':') != std::string::npos;
  return std::string(secure ? "https://" : "http://") + (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

bool Url::loopback() const {
  const bool dotted = host.find_first_not_of("0123456789.") == std::string::npos;
  return host == "localhost" || host == "::1" || (dotted && host.starts_with("127."));
}

std::optional<Url> parse_url(std::string_view text) {
  Url url;
  const auto scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos || !printable(text)) return std::nullopt;
  const std::string scheme = lower_ascii(text.substr(0, scheme_end));
  if (scheme != "http" && scheme != "https") return std::nullopt;
  url.secure = scheme == "https";
  text.remove_prefix(scheme_end + 3);
  const auto path = text.find_first_of("/?#");
  const std::string_view place = text.substr(0, path);
  const auto authority = parse_authority(place);
  if (!authority || authority->port == 0 || place.find('@') != std::string_view::npos) return std::nullopt;
  url.host = authority->host;
  url.port = authority->port.value_or(url.secure ? 443 : 80);
  url.target = path == std::string_view::npos ? "/" : std::string(text.substr(path, text.find('#') - path));
  if (url.target.empty() || url.target.front() != '/') url.target.insert(0, "/");
  return url;
}

}  // namespace nexus
