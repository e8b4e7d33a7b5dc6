// Removes unwanted raw objects: uploads that were never registered, and what is left of deleted assets. An object that
// cannot be removed now (its store does not answer) keeps its note and delays none of the others.
#pragma once
#include "daemon/blobs/backend.hpp"
#include "store/pace.hpp"

namespace nexus::raw {

/// Removes assets that were presigned before `before` and never registered, with their uploads, as many as the stint
/// allows. Each removal is an act of the daemon with an audit row. Returns whether more may wait. Blocks on files: not
/// on an I/O thread.
bool sweep_unregistered(store::Stint& stint, blobs::BlobStore& blobs, std::string_view instance_id, Micros before);

/// Removes what is left of assets that were deleted before `before` and swept `sweeps` times since (0 or 1): objects
/// whose removal a crash prevented, or that a form brought back. Returns whether more may wait. Blocks.
bool sweep_tombstones(store::Stint& stint, blobs::BlobStore& blobs, int sweeps, Micros before);

}  // namespace nexus::raw
