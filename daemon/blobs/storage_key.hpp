// The one type that names a stored object. A StorageKey exists only if every part of it was valid, so code that holds
// one needs no check against `..`, absolute paths or foreign prefixes: it cannot express a path traversal. Implements
// the contract's "Storage keys". The stores map the key to a file or an S3 object. Plain values. Threads: any.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "daemon/base/ids.hpp"
#include "daemon/blobs/filename.hpp"

namespace nexus::blobs {

enum class Plane { raw, media_v2, canvas, atoms };
std::string_view to_string(Plane plane);

struct ObjectUri;

/// `tenants/{tenant}/{env}/{plane}/{owner id}/{safe filename}`.
class StorageKey {
 public:
  /// The key of a file with the client's name `original_filename`. `owner_id` must satisfy is_client_id and the
  /// filename must have no filename_fault: the caller refuses both with 422. Throws std::invalid_argument otherwise, so
  /// that no wrong key can exist.
  static StorageKey make(const TenantId& tenant, Env env, Plane plane, std::string_view owner_id,
                         std::string_view original_filename);
  /// Accepts exactly the form above, with each part in its canonical spelling.
  static std::optional<StorageKey> parse(std::string_view key);
  /// Parses `s3://{bucket}/{key}`. Returns nothing when either half is invalid.
  static std::optional<ObjectUri> parse_uri(std::string_view uri);

  const std::string& str() const { return text_; }
  const TenantId& tenant() const { return tenant_; }
  Env env() const { return env_; }
  Plane plane() const { return plane_; }
  const std::string& owner() const { return owner_; }
  const std::string& filename() const { return filename_; }
  std::string uri(std::string_view bucket) const;
  bool belongs_to(const TenantId& tenant, Env env) const { return tenant_ == tenant && env_ == env; }
  bool operator==(const StorageKey& other) const { return text_ == other.text_; }

 private:
  StorageKey(TenantId tenant, Env env, Plane plane, std::string_view owner, std::string filename);

  TenantId tenant_;
  Env env_;
  Plane plane_;
  std::string owner_;
  std::string filename_;
  std::string text_;
};

struct ObjectUri {
  std::string bucket;
  StorageKey key;
};

/// S3's rules for names: 3-63 of `a-z 0-9 . -`, ends alphanumeric, no two dots in a row.
bool is_bucket_name(std::string_view text);

}  // namespace nexus::blobs
