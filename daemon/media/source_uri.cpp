#include "daemon/media/source_uri.hpp"

#include <boost/url.hpp>

#include "daemon/base/text.hpp"
#include "daemon/media/limits.hpp"

namespace nexus::media {
namespace {

namespace urls = boost::urls;

struct HostPort {
  std::string host;  // lower case, decoded, without the last dot; every loopback name is "localhost"
  std::string port;
  bool operator==(const HostPort&) const = default;
};

bool is_loopback(std::string_view host) {
  return host == "localhost" || host.ends_with(".localhost") || host.starts_with("127.") || host == "[::1]" ||
         host == "0.0.0.0" || host == "[::]";
}

std::optional<HostPort> host_port_of(std::string_view uri) {
  const auto url = urls::parse_uri({uri.data(), uri.size()});
  if (!url || !url->has_authority()) return std::nullopt;
  HostPort found{lower_ascii(std::string(url->host())), std::string(url->port())};
  if (found.host.ends_with('.')) found.host.pop_back();
  if (is_loopback(found.host)) found.host = "localhost";
  if (found.port.empty()) found.port = iequals_ascii(std::string(url->scheme()), "http") ? "80" : "443";
  return found;
}

/// The endpoint as clients see it, taken from a link that is given to nobody.
std::optional<HostPort> endpoint_of(blobs::BlobStore& blobs, const TenantId& tenant, Env env,
                                    std::string_view base_url) {
  const auto key = blobs::StorageKey::make(tenant, env, blobs::Plane::media_v2, "none", "none");
  return host_port_of(blobs.presign_download({key, "none", "application/octet-stream"}, now_micros(), base_url));
}

}  // namespace

std::optional<std::string> source_uri_fault(std::string_view uri, Env env) {
  if (uri.size() > limits::source_uri_bytes_max)
    return "must have at most " + std::to_string(limits::source_uri_bytes_max) + " bytes";
  const auto url = urls::parse_uri({uri.data(), uri.size()});
  if (!url || !url->has_authority() || url->host().empty()) return "must be an absolute URI with a host";
  const std::string scheme = lower_ascii(std::string(url->scheme()));
  if (scheme != "https" && !(scheme == "http" && env == Env::dev))
    return env == Env::dev ? "must be an https: or http: URI" : "must be an https: URI (http: is for env dev alone)";
  if (url->has_userinfo()) return "must name no user and no password";
  return std::nullopt;
}

bool is_ours(std::string_view uri, blobs::BlobStore& blobs, const TenantId& tenant, Env env,
             std::string_view base_url) {
  const auto found = host_port_of(uri);
  if (!found) return false;
  const std::string& bucket = blobs.bucket();
  if (iequals_ascii(uri.substr(0, 5), "s3://")) return found->host == lower_ascii(bucket);
  if (found == host_port_of(base_url)) return true;
  const auto endpoint = endpoint_of(blobs, tenant, env, base_url);
  if (!endpoint || endpoint->port != found->port) return false;
  // A bucket is the first part of the path or of the host; both forms lead to ours.
  return found->host == endpoint->host || found->host == bucket + "." + endpoint->host ||
         endpoint->host == bucket + "." + found->host;
}

}  // namespace nexus::media
