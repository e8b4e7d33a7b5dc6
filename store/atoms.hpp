// The statements on atoms that are not derived (store/model_rows.hpp).
#pragma once
#include "daemon/domain/atom.hpp"
#include "store/query.hpp"

namespace nexus::store {

/// The ready set that the same operation made from the same asset.
std::optional<domain::AtomSet> find_atom_set(const Reader& reader, const domain::AtomSet& like);
/// Ready sets of an asset, oldest first, from `first_id` on ("" for the start).
std::vector<domain::AtomSet> list_atom_sets(const Reader& reader, Realm realm, std::string_view raw_asset_id,
                                            const std::optional<std::string>& op_type, std::string_view first_id,
                                            int limit);
/// Atoms of a set in any state, by ordinal, after `after` (-1 for the start).
std::vector<domain::Atom> list_atoms(const Reader& reader, const domain::AtomSet& set, std::int64_t after, int limit);
/// 0 where the set was given up.
std::int64_t count_staged_atoms(const Reader& reader, const domain::AtomSet& set);
/// Finds an atom of a ready set.
std::optional<domain::AtomOfSet> find_atom(const Reader& reader, Realm realm, std::string_view atom_id);

/// Inserts the set or updates its state, and adds the atoms.
void put_atom_set(Tx& tx, const domain::AtomSet& set, const std::vector<domain::Atom>& atoms);
/// Marks the sets of a deleted asset as gone. Returns whether it has any.
bool drop_atom_sets(Tx& tx, Realm realm, std::string_view raw_asset_id);

/// Marks a set that was staged, or is gone, as gone: nobody can finish it any more. False where it was finished before.
bool give_up_atom_set(Tx& tx, const domain::AtomSet& set);
/// Sets of all tenants that are gone, or were staged before `before`, without the first `skipped`.
std::vector<domain::AtomSet> list_swept_atom_sets(const Reader& reader, Micros before, int limit, int skipped = 0);
/// How many there are, up to kCountMax (retention.hpp).
std::int64_t count_swept_atom_sets(const Reader& reader, Micros before);
/// Removes the set's atoms up to the ordinal `last`, and the set when none is left.
void sweep_atom_set(Tx& tx, const domain::AtomSet& set, std::int64_t last);

}  // namespace nexus::store
