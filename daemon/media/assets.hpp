// Routes of media assets: upload a file or register a remote one, list, show, download, delete.
#pragma once
#include "daemon/blobs/backend.hpp"
#include "daemon/http/route.hpp"

namespace nexus::media {

/// `blobs` must outlive the table.
void add_asset_routes(http::RouteTable& routes, blobs::BlobStore& blobs, std::uint64_t upload_bytes_max);

}  // namespace nexus::media
