// Signs the form of a presigned POST and the URL of a presigned GET, byte for byte as boto3 does for the same clock.
// Pure functions. Trust section 5. verify.hpp verifies; the backend chooses host and bucket.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/blobs/sigv4.hpp"

namespace nexus::blobs {

inline constexpr Micros kPresignLifetime = 15 * kMinute;
inline constexpr std::string_view kDigestField = "x-amz-meta-sha256";

/// What a form allows; the policy states each as an exact condition.
struct PostRequest {
  std::string bucket;
  std::string key;
  std::string content_type;
  std::uint64_t bytes_max = kObjectBytesMax;
  std::optional<std::string> sha256 = std::nullopt;  // lower-case hex; becomes the exact condition `x-amz-meta-sha256`
  Micros lifetime = kPresignLifetime;
};

struct PostForm {
  Fields fields;  // in the order to send them; the part `file` comes last
  Micros expires_at = 0;
};

PostForm sign_post_policy(const PostRequest& request, const Credentials& credentials, std::string_view region,
                          Micros now);

struct GetRequest {
  std::string base;  // `http://host[:port]`, no path
  std::string path;  // decoded, e.g. `/blobs/nexus/tenants/…` (ours) or `/{bucket}/{key}` (S3, path style)
  std::string content_disposition;  // response-content-disposition, or empty
  std::string content_type;         // response-content-type, or empty
  Micros lifetime = kPresignLifetime;
  std::string version = {};  // versionId, or empty
};

/// The whole URL; only `host` is signed besides the query.
std::string presign_get(const GetRequest& request, const Credentials& credentials, std::string_view region, Micros now);

/// The Host header a client sends for this base URL: lower case, without the scheme's default port.
std::string authority_of(std::string_view base);

}  // namespace nexus::blobs
