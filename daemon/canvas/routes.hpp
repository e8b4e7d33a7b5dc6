// Routes of canvases, registered per tenant and env, and of the files on them.
#pragma once
#include "daemon/blobs/backend.hpp"
#include "daemon/http/route.hpp"

namespace nexus::canvas {

/// `blobs` must outlive the table.
void add_canvas_routes(http::RouteTable& routes, blobs::BlobStore& blobs, std::uint64_t upload_bytes_max);

}  // namespace nexus::canvas
