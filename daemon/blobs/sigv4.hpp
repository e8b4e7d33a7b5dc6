// AWS Signature Version 4, the parts that signer and verifier share: scope, signing key, canonical request. Pure
// functions; the clock is always an argument. presign.hpp decides what is signed, verify.hpp what is trusted. The same
// code signs for the local store and for S3 (host and path are arguments).
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "daemon/base/clock.hpp"
#include "daemon/base/crypto.hpp"
#include "daemon/blobs/object.hpp"

namespace nexus::blobs {

inline constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
inline constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";

struct Credentials {
  std::string access_key_id;
  std::string secret;
};

/// `{access key id}/{yyyymmdd}/{region}/{service}/aws4_request`.
struct Scope {
  std::string access_key_id;
  std::string date;
  std::string region;
  std::string service = "s3";

  static Scope at(const Credentials& credentials, std::string_view region, Micros now);
  /// Returns nothing unless there are five parts, none is empty and the last is `aws4_request`.
  static std::optional<Scope> parse(std::string_view credential);
  std::string credential() const;  // with the key id
  std::string str() const;         // without
  bool operator==(const Scope&) const = default;
};

/// kSigning: HMAC chain over date (yyyymmdd), region, service and `aws4_request`.
Digest signing_key(std::string_view secret, std::string_view date, std::string_view region, std::string_view service);
/// Lower-case hex of the HMAC of `string_to_sign` under the scope's signing key.
std::string signature(std::string_view secret, const Scope& scope, std::string_view string_to_sign);

/// A request as it is signed. All parts are decoded; canonical_request encodes them once.
struct CanonicalRequest {
  std::string method;
  std::string path;  // decoded, starting with `/`
  Fields query;      // decoded; X-Amz-Signature left out by the caller
  Fields headers;    // the signed ones, any order and case
  std::string payload_hash = std::string(kUnsignedPayload);
};

std::string canonical_query(const Fields& query);
std::string canonical_request(const CanonicalRequest& request);
/// `host;range;…` of the headers above.
std::string signed_headers(const Fields& headers);
std::string string_to_sign(const CanonicalRequest& request, const Scope& scope, std::string_view amz_date);

}  // namespace nexus::blobs
