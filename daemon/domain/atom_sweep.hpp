// Removes atoms that nobody can read. Blocks: not on an I/O thread.
#pragma once
#include "daemon/blobs/backend.hpp"
#include "store/atoms.hpp"
#include "store/database.hpp"

namespace nexus::domain {

/// The object of an atom, which must be this tenant's.
blobs::StorageKey atom_key(const AtomOfSet& atom);

/// Removes one set with its objects. False when the store did not accept the removal.
bool sweep_set(store::Database& database, blobs::BlobStore& blobs, const AtomSet& set);

/// Removes up to `count` sets of atoms whose asset was deleted, or that were staged before `staged_before` and never
/// finished.
void sweep_atoms(store::Database& database, blobs::BlobStore& blobs, Micros staged_before, int count);

}  // namespace nexus::domain
