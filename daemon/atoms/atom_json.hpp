// Atoms as clients see them, and their schemas.
#pragma once
#include "daemon/base/json.hpp"
#include "daemon/blobs/backend.hpp"
#include "daemon/domain/atom.hpp"

namespace nexus::atoms {

/// With `content`, or with `uri` where the atom is an object (its size and digest are then in `metadata`).
Json atom_json(const domain::AtomOfSet& atom, const blobs::BlobStore& blobs);
Json atom_schema();
Json atom_request_schema();

}  // namespace nexus::atoms
