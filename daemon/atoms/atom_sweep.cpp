#include "daemon/atoms/atom_sweep.hpp"

#include "daemon/base/problem.hpp"
#include "daemon/log.hpp"
#include "store/pending_objects.hpp"

namespace nexus::atoms {
namespace {

constexpr int kAtOnce = 100;  // with their contents: little memory, and a short unit

/// False when the store did not take it.
bool sweep_set(store::Database& database, blobs::BlobStore& blobs, const store::AtomSet& set) {
  while (true) {
    const auto atoms = store::list_atoms(database.read().reader(), set, -1, kAtOnce);
    for (const auto& atom : atoms)
      if (atom.key) blobs.remove(atom_key({set, atom}), {});
    const std::int64_t last = atoms.empty() ? -1 : atoms.back().ordinal;
    const auto result = database.writer().run([&](store::Tx& tx) { store::sweep_atom_set(tx, set, last); });
    if (result.outcome != store::Outcome::applied) return false;
    if (atoms.size() < kAtOnce) return true;
  }
}

void warn(const store::AtomSet& set, const char* cause) {
  log::warn("a set of atoms could not be swept", {{"set_id", set.set_id}, {"cause", cause}});
}

}  // namespace

void discard(store::Database& database, blobs::BlobStore& blobs, const MadeAtoms& made) noexcept {
  try {
    for (const auto& text : made.noted)
      if (const auto key = blobs::StorageKey::parse(text)) blobs.remove(*key, {});
    if (!made.noted.empty())
      database.writer().run([&](store::Tx& tx) {
        for (const auto& key : made.noted) store::drop_pending_object(tx, key);
      });
    if (made.staged > 0) sweep_set(database, blobs, made.set);
  } catch (const std::exception& error) {
    warn(made.set, error.what());
  }
}

void sweep_atoms(store::Database& database, blobs::BlobStore& blobs, Micros staged_before, int count) {
  for (const store::AtomSet& set : store::list_swept_atom_sets(database.read().reader(), staged_before, count)) {
    try {
      if (!sweep_set(database, blobs, set)) return;
    } catch (const std::exception& error) {  // one that cannot be swept now holds up no other
      warn(set, error.what());
    }
  }
}

}  // namespace nexus::atoms
