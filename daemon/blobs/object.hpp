// What features and blob stores exchange about one object: the terms of an upload, and what is stored.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/base/clock.hpp"
#include "daemon/blobs/storage_key.hpp"

namespace nexus::blobs {

inline constexpr std::uint64_t kObjectBytesMax = 5ull << 30;  // 5 GiB, the contract's section 9

/// Names and values in order. Duplicates are kept, because the verifier refuses them.
using Fields = std::vector<std::pair<std::string, std::string>>;

/// The terms of an upload, proved by a signed form (verify_post_form) or set by the daemon itself.
struct UploadTerms {
  StorageKey key;
  std::string content_type = "application/octet-stream";
  std::uint64_t bytes_min = 0;
  std::uint64_t bytes_max = kObjectBytesMax;
  std::optional<std::string> sha256 = std::nullopt;  // lower-case hex; the content must have this digest
};
using VerifiedForm = UploadTerms;

/// A stored, complete object.
struct ObjectInfo {
  std::uint64_t size = 0;
  std::string sha256 = {};  // lower-case hex, computed by the store itself; empty when it cannot prove one
  std::string content_type = {};
  std::string etag = {};  // with its quotes; locally the quoted SHA-256
  Micros created_at = 0;
  std::string version = {};  // S3's version id; empty on the local store, whose objects never change
};

/// An object while it is written. Without commit nothing of it remains. The writer is unusable once a call threw.
class ObjectWriter {
 public:
  virtual ~ObjectWriter() = default;
  virtual void append(std::string_view chunk) = 0;
  virtual ObjectInfo commit() = 0;
};

}  // namespace nexus::blobs
