// Paths, sidecars and the lock on one owner.
#include "daemon/blobs/local_layout.hpp"

#include "daemon/base/bytes.hpp"

namespace nexus::blobs {

std::array<std::string, 5> owner_segments(const StorageKey& key) {
  return {"tenants", key.tenant().str(), std::string(to_string(key.env())), std::string(to_string(key.plane())),
          key.owner()};
}

std::string plane_path(std::string_view bucket, const StorageKey& key) {
  const auto segments = owner_segments(key);
  std::string out(bucket);
  for (std::size_t i = 0; i + 1 < segments.size(); ++i) out.append("/").append(segments[i]);
  return out;
}

std::string owner_path(std::string_view bucket, const StorageKey& key) {
  return plane_path(bucket, key) + "/" + key.owner();
}

std::string sidecar_name(const std::string& filename) { return std::string(kSidecarPrefix) + filename; }

std::string sidecar_text(const ObjectInfo& info) {
  return canonical(Json{{"content_type", info.content_type},
                        {"created_at", to_rfc3339(info.created_at)},
                        {"sha256", info.sha256},
                        {"size", info.size}}) +
         "\n";
}

std::optional<ObjectInfo> parse_sidecar(std::string_view text) {
  try {
    const Json json = parse_json(text);
    ObjectInfo info;
    info.size = json.at("size").get<std::uint64_t>();
    info.sha256 = json.at("sha256").get<std::string>();
    info.content_type = json.at("content_type").get<std::string>();
    const auto created_at = parse_rfc3339(json.at("created_at").get<std::string>());
    if (!created_at || info.sha256.size() != 64 || !unhex(info.sha256)) return std::nullopt;
    info.created_at = *created_at;
    info.etag = "\"" + info.sha256 + "\"";
    return info;
  } catch (const JsonError&) {
    return std::nullopt;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

LocalStore::OwnerLock::OwnerLock(LocalStore& store, std::string owner) : store_(store), owner_(std::move(owner)) {
  std::unique_lock guard(store_.mutex_);
  store_.released_.wait(guard, [&] { return !store_.held_owners_.contains(owner_); });
  store_.held_owners_.insert(owner_);
}

LocalStore::OwnerLock::~OwnerLock() {
  {
    const std::lock_guard guard(store_.mutex_);
    store_.held_owners_.erase(owner_);
  }
  store_.released_.notify_all();
}

}  // namespace nexus::blobs
