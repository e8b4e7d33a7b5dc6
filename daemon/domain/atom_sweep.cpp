#include "daemon/domain/atom_sweep.hpp"

#include "daemon/base/problem.hpp"
#include "daemon/base/problems.hpp"
#include "daemon/log.hpp"
#include "store/objects.hpp"

namespace nexus::domain {
namespace {

constexpr int kAtOnce = 100;  // with their contents: bounds memory and the length of a unit

}  // namespace

blobs::StorageKey atom_key(const AtomOfSet& atom) {
  const auto key = blobs::StorageKey::parse(atom.atom.key.value_or(""));
  const auto tenant = TenantId::parse(atom.set.tenant_id);
  const auto env = parse_env(atom.set.env);
  if (!key || !tenant || !env || !key->belongs_to(*tenant, *env)) throw Problem(problems::internal_error);
  return *key;
}

bool sweep_set(store::Database& database, blobs::BlobStore& blobs, const AtomSet& set) {
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

void sweep_atoms(store::Database& database, blobs::BlobStore& blobs, Micros staged_before, int count) {
  for (const AtomSet& set : store::list_swept_atom_sets(database.read().reader(), staged_before, count)) {
    try {
      if (!sweep_set(database, blobs, set)) return;
    } catch (const std::exception& error) {  // a set that cannot be swept now must not block others
      log::warn("a set of atoms could not be swept", {{"set_id", set.set_id}, {"cause", error.what()}});
    }
  }
}

}  // namespace nexus::domain
