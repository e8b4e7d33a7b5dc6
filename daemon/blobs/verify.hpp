// Verifies presigned requests for the local store, at least as strictly as S3. Pure functions of the request and the
// clock. They throw Problem with one clear reason. No byte of a file is read before verify_post_form returned. Trust
// section 5 fixes the order of the checks: limits, every field once, credential scope, date, signature (constant time),
// expiry, each condition, every field covered.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "daemon/blobs/presign.hpp"

namespace nexus::blobs {

inline constexpr std::size_t kFormHeadBytesMax = 20 * 1024;  // everything before the file's content
inline constexpr std::size_t kFormFieldsMax = 64;
inline constexpr Micros kSignatureAgeMax = 7 * kDay;
inline constexpr Micros kClockSkewMax = 15 * kMinute;

/// What we trust: our key pair and our region.
struct Trust {
  const Credentials& credentials;
  std::string_view region;
};

/// `fields` are those before `file`; `bucket` is the one in the URL.
/// blob.form_invalid (400): malformed or incomplete. blob.signature_invalid (403): another key, scope, clock or text.
/// blob.form_expired (403): policy or date too old. blob.policy_violation (403): the detail names the condition.
VerifiedForm verify_post_form(const Fields& fields, const Trust& trust, std::string_view bucket, Micros now);

/// A presigned GET as received: not decoded, `host` as in the Host header.
struct SentGet {
  std::string_view method;  // GET or HEAD; HEAD is also allowed by a signature made for GET, which grants more
  std::string_view host;
  std::string_view path;
  std::string_view query;  // without the `?`
};

struct VerifiedGet {
  StorageKey key;
  std::string content_disposition;  // `attachment` unless the signer chose otherwise
  std::string content_type;         // empty: use the object's own
};

/// `prefix` is the path before the key, decoded: `/blobs/nexus/`. Throws the same codes as above. A path that is no
/// valid key is blob.not_found, only after the signature was checked, so that strangers learn nothing.
VerifiedGet verify_presigned_get(const SentGet& sent, const Trust& trust, std::string_view prefix, Micros now);

}  // namespace nexus::blobs
