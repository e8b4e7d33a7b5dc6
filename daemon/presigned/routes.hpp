// The local store's face: POST /blobs/{bucket} takes a presigned form as S3 would, GET and HEAD answer presigned links.
// No token stands before them: the signature is the permission.
#pragma once
#include "daemon/blobs/backend.hpp"
#include "daemon/http/route.hpp"

namespace nexus::presigned {

/// Both outlive the table. The rows say what a signature still leads to.
void add_blob_routes(http::RouteTable& routes, blobs::LocalBlobStore& store, store::Database& database);

}  // namespace nexus::presigned
