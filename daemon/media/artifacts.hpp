// Routes of media artifacts: results made of an asset (a frame, a transcript), kept in the storage of this tenant and
// env.
#pragma once
#include "daemon/blobs/backend.hpp"
#include "daemon/http/route.hpp"

namespace nexus::media {

/// `blobs` must outlive the table.
void add_artifact_routes(http::RouteTable& routes, blobs::BlobStore& blobs);

}  // namespace nexus::media
