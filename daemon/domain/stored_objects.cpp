#include "daemon/domain/stored_objects.hpp"

#include "daemon/base/problems.hpp"
#include "daemon/blobs/problems.hpp"

namespace nexus::domain {

std::string stored_filename(const std::string& key) { return key.substr(key.rfind('/') + 1); }

Json with_original_filename(Json metadata, const std::string& key, const std::string& filename) {
  if (stored_filename(key) != filename && !metadata.contains("original_filename"))
    metadata["original_filename"] = filename;
  return metadata;
}

blobs::StorageKey own_key(const Caller& caller, const std::string& key) {
  const auto parsed = blobs::StorageKey::parse(key);
  if (!parsed || !parsed->belongs_to(caller.tenant(), caller.env())) throw Problem(problems::internal_error);
  return *parsed;
}

void require_registered(const store::RawAsset& asset, const std::optional<blobs::ObjectInfo>& found) {
  const bool same = found && static_cast<std::int64_t>(found->size) == asset.size_bytes &&
                    (!asset.etag || found->etag == *asset.etag);
  if (!same) throw Problem(problems::raw_changed, "the asset's object is not the one that was registered");
}

http::Route download_route(const http::Surface& surface, const std::string& path, blobs::BlobStore& blobs,
                           FindDownload find, std::vector<int> refusals) {
  const auto redirect = [&blobs, find = std::move(find)](http::Input& input) -> http::Query {
    return [&blobs, find, path = input.path, base_url = input.base_url](const store::Reader& reader,
                                                                        const Caller& caller) -> http::Reply {
      Downloadable found = find(reader, caller, path);
      return {.json = nullptr,
              .status = 302,
              .fields = {{"Location", blobs.presign_download(found.download, now_micros(), base_url)}},
              .confirm = std::move(found.confirm)};
    };
  };
  return surface.show(path + "/download", redirect,
                      {.summary = "Redirect to a presigned download", .success = 302, .refusals = std::move(refusals)});
}

}  // namespace nexus::domain
