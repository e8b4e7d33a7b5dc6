// Parsing of http and https URLs.
#include "cli/engine/url.hpp"

#include <algorithm>
#include <charconv>

#include "cli/engine/failure.hpp"
#include "daemon/base/text.hpp"

namespace nexus::cli {
namespace {

bool clean(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= 0x20 || byte >= 0x7F;
  });
}

std::optional<int> parse_port(std::string_view text) {
  int port = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || stop != text.data() + text.size() || port < 1 || port > 65535) return std::nullopt;
  return port;
}

// Splits `host`, `host:port`, `[v6]` or `[v6]:port` into `url`.
bool take_authority(std::string_view authority, Url& url) {
  std::string_view port_text;
  if (!authority.empty() && authority.front() == '[') {
    const auto end = authority.find(']');
    if (end == std::string_view::npos) return false;
    url.host = authority.substr(1, end - 1);
    authority.remove_prefix(end + 1);
    if (!authority.empty() && authority.front() != ':') return false;
    port_text = authority;
  } else {
    const auto colon = authority.find(':');
    url.host = authority.substr(0, colon);
    if (colon != std::string_view::npos) port_text = authority.substr(colon);
  }
  url.port = url.secure ? 443 : 80;
  if (!port_text.empty()) {
    const auto port = parse_port(port_text.substr(1));
    if (!port) return false;
    url.port = *port;
  }
  return !url.host.empty();
}

}  // namespace

std::string Url::origin() const {
  const bool v6 = host.find(':') != std::string::npos;
  return std::string(secure ? "https://" : "http://") + (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

bool Url::loopback() const { return host == "localhost" || host == "::1" || host.starts_with("127."); }

std::optional<Url> parse_url(std::string_view text) {
  Url url;
  const auto scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos || !clean(text)) return std::nullopt;
  const std::string scheme = lower_ascii(text.substr(0, scheme_end));
  if (scheme != "http" && scheme != "https") return std::nullopt;
  url.secure = scheme == "https";
  text.remove_prefix(scheme_end + 3);
  const auto path = text.find_first_of("/?#");
  const std::string_view authority = text.substr(0, path);
  if (authority.find('@') != std::string_view::npos || !take_authority(authority, url)) return std::nullopt;
  url.target = path == std::string_view::npos ? "/" : std::string(text.substr(path, text.find('#') - path));
  if (url.target.empty() || url.target.front() != '/') url.target.insert(0, "/");
  return url;
}

Url parse_address(std::string_view text, std::string_view source) {
  auto url = parse_url(text);
  if (!url || url->target.find('?') != std::string::npos) {
    throw usage_error("the address from " + std::string(source) +
                      " is not an http:// or https:// URL such as http://127.0.0.1:7700");
  }
  while (!url->target.empty() && url->target.back() == '/') url->target.pop_back();
  return *url;
}

}  // namespace nexus::cli
