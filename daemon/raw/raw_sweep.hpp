// Removes unwanted raw objects: uploads that were never registered, and what is left of deleted assets. An object that
// cannot be removed now (its store does not answer) keeps its note and delays none of the others.
#pragma once
#include "daemon/blobs/backend.hpp"
#include "store/database.hpp"

namespace nexus::raw {

/// Removes up to `count` assets that were presigned before `before` and never registered, with their uploads. Each
/// removal is an act of the daemon with an audit row. Blocks on files: not on an I/O thread.
void sweep_unregistered(store::Database& database, blobs::BlobStore& blobs, std::string_view instance_id, Micros before,
                        int count);

/// Removes what is left of up to `count` deleted assets: objects whose removal a crash prevented, or that a form
/// brought back. Once for those deleted before `forms_over`, and a last time for those deleted before `uploads_over`.
/// Blocks.
void sweep_tombstones(store::Database& database, blobs::BlobStore& blobs, Micros forms_over, Micros uploads_over,
                      int count);

}  // namespace nexus::raw
