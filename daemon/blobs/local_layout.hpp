// Names inside the local store's directory, and the text of a sidecar. Internal to local_store.cpp, which defines them,
// and upload.cpp.
#pragma once
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/base/json.hpp"
#include "daemon/blobs/local_store.hpp"

namespace nexus::blobs {

inline constexpr const char* kTemporaryDirectory = ".tmp";
inline constexpr std::string_view kSidecarPrefix = ".meta.";

/// The directories between a bucket and the file, outermost first.
std::array<std::string, 5> owner_segments(const StorageKey& key);
/// `{bucket}/tenants/{t}/{env}/{plane}` and the same with `/{owner}`, relative to the store's directory.
std::string plane_path(std::string_view bucket, const StorageKey& key);
std::string owner_path(std::string_view bucket, const StorageKey& key);

std::string sidecar_name(const std::string& filename);
std::string sidecar_text(const ObjectInfo& info);
/// Returns nothing unless the text is exactly what sidecar_text writes.
std::optional<ObjectInfo> parse_sidecar(std::string_view text);

/// Locks one owner's directory during a commit, a removal or a sweep. Waits while another thread holds it.
class LocalStore::OwnerLock {
 public:
  OwnerLock(LocalStore& store, std::string owner);
  ~OwnerLock();
  OwnerLock(const OwnerLock&) = delete;
  OwnerLock& operator=(const OwnerLock&) = delete;

 private:
  LocalStore& store_;
  std::string owner_;
};

}  // namespace nexus::blobs
