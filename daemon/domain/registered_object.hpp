// Whether an asset's object is still the one that was registered: asked before a download and before atoms are made.
#pragma once
#include <optional>

#include "daemon/blobs/backend.hpp"
#include "store/raw_assets.hpp"

namespace nexus::domain {

/// Throws raw.changed unless `found` is the object that was registered.
void require_registered(const store::RawAsset& asset, const std::optional<blobs::ObjectInfo>& found);

}  // namespace nexus::domain
