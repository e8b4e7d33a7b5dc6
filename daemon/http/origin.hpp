// Which host names and which pages are ours. A request to another host name came from a page whose DNS name was rebound
// to us (421). A request with a foreign Origin came from a foreign page (403).
#pragma once
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/request_head.hpp"
#include "daemon/http/response.hpp"

namespace nexus::http {

struct OriginOptions {
  std::vector<std::string> listen;  // host:port of the listeners
  std::vector<std::string> allowed_hosts;
  std::vector<std::string> cors_origins;  // scheme://host[:port]
  std::string public_url;                 // may be empty
};

class OriginRules {
 public:
  explicit OriginRules(const OriginOptions& options);

  /// `value` is a Host header: name or address, with or without port. Loopback is always ours.
  bool host_is_ours(std::string_view value) const;
  /// `origin` is that of a request to `host`. Ours are the same origin, that of the public URL, and the configured
  /// ones.
  bool origin_is_ours(std::string_view origin, std::string_view host) const;
  bool is_cors_origin(std::string_view origin) const { return cors_origins_.contains(origin); }
  /// The beginning of links: the public URL, else http and the checked Host.
  std::string base_url(const RequestHead& head) const;
  /// The answer to a CORS preflight from a configured origin (Fetch standard, section 3.2).
  static Response preflight(std::string_view origin);
  /// Adds the CORS fields of an ordinary answer.
  static void expose(Response& response, std::string_view origin);

 private:
  std::set<std::string, std::less<>> hosts_;
  std::set<std::string, std::less<>> cors_origins_;
  std::string public_url_;
  std::string public_origin_;
  std::string fallback_;
};

}  // namespace nexus::http
