// What is left of atoms that nobody can read. Blocks: not on an I/O thread.
#pragma once
#include "daemon/atoms/atom_maker.hpp"

namespace nexus::atoms {

/// Removes what was made and will not be finished: its objects, its notes, its rows. Throws nothing: what cannot be
/// removed now is swept.
void discard(store::Database& database, blobs::BlobStore& blobs, const MadeAtoms& made) noexcept;

/// Removes up to `count` sets of atoms whose asset was deleted, or that were staged before `staged_before` and never
/// finished.
void sweep_atoms(store::Database& database, blobs::BlobStore& blobs, Micros staged_before, int count);

}  // namespace nexus::atoms
