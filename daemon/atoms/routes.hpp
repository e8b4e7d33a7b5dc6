// Routes of atoms: making them of a registered asset, listing, reading.
#pragma once
#include "daemon/blobs/backend.hpp"
#include "daemon/http/route.hpp"

namespace nexus::atoms {

/// `blobs` must outlive the table.
void add_atom_routes(http::RouteTable& routes, blobs::BlobStore& blobs);

}  // namespace nexus::atoms
