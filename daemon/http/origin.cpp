#include "daemon/http/origin.hpp"

#include <algorithm>

#include "daemon/base/text.hpp"

namespace nexus::http {
namespace {

/// The name in `name[:port]`, lower case; `[::1]:80` gives `[::1]`. Empty when the port is no number.
std::string host_name(std::string_view value) {
  std::size_t end = value.size();
  if (value.starts_with('[')) {
    const std::size_t close = value.find(']');
    if (close == std::string_view::npos) return {};
    end = close + 1;
  } else if (const std::size_t colon = value.find(':'); colon != std::string_view::npos) {
    end = colon;
  }
  const std::string_view rest = value.substr(end);
  const bool port = rest.empty() || (rest.size() > 1 && rest.size() <= 6 && rest.front() == ':' &&
                                     std::ranges::all_of(rest.substr(1), [](char c) { return c >= '0' && c <= '9'; }));
  return port ? lower_ascii(value.substr(0, end)) : std::string{};
}

bool is_loopback(std::string_view name) {
  if (name == "localhost" || name == "[::1]") return true;
  if (!name.starts_with("127.")) return false;
  const auto parts = split(name, '.');
  return parts.size() == 4 && std::ranges::all_of(parts, [](std::string_view part) {
           return !part.empty() && part.size() <= 3 &&
                  std::ranges::all_of(part, [](char c) { return c >= '0' && c <= '9'; });
         });
}

/// scheme://authority of a URL.
std::string origin_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  return std::string(url.substr(0, url.find('/', scheme + 3)));
}

}  // namespace

OriginRules::OriginRules(const OriginOptions& options) : public_url_(options.public_url) {
  while (public_url_.ends_with('/')) public_url_.pop_back();
  public_origin_ = lower_ascii(origin_of(public_url_));
  for (const auto& listen : options.listen) hosts_.insert(host_name(listen));
  for (const auto& host : options.allowed_hosts) hosts_.insert(host_name(host));
  if (!public_origin_.empty()) hosts_.insert(host_name(public_origin_.substr(public_origin_.find("://") + 3)));
  for (const auto& origin : options.cors_origins) cors_origins_.insert(lower_ascii(origin));
  hosts_.erase("");
  fallback_ = options.listen.empty() ? "localhost" : options.listen.front();
}

bool OriginRules::host_is_ours(std::string_view value) const {
  const std::string name = host_name(value);
  return !name.empty() && (is_loopback(name) || hosts_.contains(name));
}

bool OriginRules::origin_is_ours(std::string_view origin, std::string_view host) const {
  const std::string wanted = lower_ascii(origin);
  return wanted == "http://" + lower_ascii(host) || (!public_origin_.empty() && wanted == public_origin_) ||
         cors_origins_.contains(wanted);
}

std::string OriginRules::base_url(const RequestHead& head) const {
  if (!public_url_.empty()) return public_url_;
  const std::string* host = head.find("host");
  return "http://" + (host != nullptr ? *host : fallback_);
}

Response OriginRules::preflight(std::string_view origin) {
  Response response;
  response.status = 204;
  response.set("Access-Control-Allow-Origin", std::string(origin));
  response.set("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE");
  response.set(
      "Access-Control-Allow-Headers",
      "Authorization, baggage, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, Range, "
      "traceparent, tracestate, X-Env, X-Reason, X-Request-Id, X-Requested-With, X-Run-Id, X-Tenant-Id, X-User-Id");
  response.set("Access-Control-Max-Age", "600");
  response.set("Vary", "Origin");
  return response;
}

void OriginRules::expose(Response& response, std::string_view origin) {
  response.set("Access-Control-Allow-Origin", std::string(origin));
  response.set(
      "Access-Control-Expose-Headers",
      "X-Request-Id, traceresponse, Nexus-Audit-Seq, Nexus-Audit-Hash, RateLimit, RateLimit-Policy, Retry-After, ETag, "
      "Location");
  response.set("Vary", "Origin");
}

}  // namespace nexus::http
