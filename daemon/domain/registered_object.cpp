#include "daemon/domain/registered_object.hpp"

#include "daemon/base/problem.hpp"
#include "daemon/blobs/problems.hpp"

namespace nexus::domain {

void require_registered(const store::RawAsset& asset, const std::optional<blobs::ObjectInfo>& found) {
  const bool same = found && static_cast<std::int64_t>(found->size) == asset.size_bytes &&
                    (!asset.etag || found->etag == *asset.etag);
  if (!same) throw Problem(problems::raw_changed, "the asset's object is not the one that was registered");
}

}  // namespace nexus::domain
