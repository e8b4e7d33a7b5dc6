// Atoms as rows, beside what is derived (store/model_rows.hpp).
#pragma once
#include "daemon/domain/atom.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::store {

/// The ready set that the same operation made of the same asset.
std::optional<domain::AtomSet> find_atom_set(const Reader& reader, const domain::AtomSet& like);
/// Ready ones of an asset, oldest first, from `first_id` on ("" for the start).
std::vector<domain::AtomSet> list_atom_sets(const Reader& reader, Realm realm, std::string_view raw_asset_id,
                                            const std::optional<std::string>& op_type, std::string_view first_id,
                                            int limit);
/// Of a set in whatever state, by ordinal, after `after` (-1 for the start).
std::vector<domain::Atom> list_atoms(const Reader& reader, const domain::AtomSet& set, std::int64_t after, int limit);
std::int64_t count_atoms(const Reader& reader, const domain::AtomSet& set);
/// Of a ready set.
std::optional<domain::AtomOfSet> find_atom(const Reader& reader, Realm realm, std::string_view atom_id);

/// Puts the set there in its state, staged before or not, and adds the atoms.
void put_atom_set(Tx& tx, const domain::AtomSet& set, const std::vector<domain::Atom>& atoms);
/// What was made of a deleted asset is gone.
void drop_atom_sets(Tx& tx, Realm realm, std::string_view raw_asset_id);

/// Of all tenants: gone, or staged before `before`.
std::vector<domain::AtomSet> list_swept_atom_sets(const Reader& reader, Micros before, int limit);
/// Removes its atoms up to `last` (an ordinal), then, when none is left, the set.
void sweep_atom_set(Tx& tx, const domain::AtomSet& set, std::int64_t last);

}  // namespace nexus::store
