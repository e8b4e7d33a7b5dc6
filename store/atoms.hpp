// Atoms as rows, in sets: what one operation made of one asset. Readers see the atoms of ready sets alone. What is
// staged or gone is for the sweep.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/clock.hpp"
#include "daemon/base/realm.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::store {

struct AtomSet {
  std::string tenant_id;
  std::string env;
  std::string set_id;
  std::string raw_asset_id;
  std::string op_type;
  std::int64_t op_version = 1;
  std::string params = "{}";  // canonical JSON
  std::int64_t created_seq = 0;
  Micros created_at = 0;
  std::string created_by;
};

/// An atom within its set: `content`, or the `key` of an object.
struct Atom {
  std::int64_t ordinal = 0;
  std::string atom_id;
  std::optional<std::string> content;
  std::optional<std::string> key;
  std::int64_t size_bytes = 0;
  std::optional<std::string> sha256;  // of an object
};

struct AtomOfSet {
  AtomSet set;
  Atom atom;
};

/// The ready set that the same operation made of the same asset.
std::optional<AtomSet> find_atom_set(const Reader& reader, const AtomSet& like);
/// Ready ones of an asset, oldest first, from `first_id` on ("" for the start).
std::vector<AtomSet> list_atom_sets(const Reader& reader, Realm realm, std::string_view raw_asset_id,
                                    const std::optional<std::string>& op_type, std::string_view first_id, int limit);
/// Of a set in whatever state, by ordinal, after `after` (-1 for the start).
std::vector<Atom> list_atoms(const Reader& reader, const AtomSet& set, std::int64_t after, int limit);
std::int64_t count_atoms(const Reader& reader, const AtomSet& set);
/// Of a ready set.
std::optional<AtomOfSet> find_atom(const Reader& reader, Realm realm, std::string_view atom_id);

/// Puts the set there as staged; nothing when it is.
void stage_atom_set(Tx& tx, const AtomSet& set);
void insert_atoms(Tx& tx, const AtomSet& set, const std::vector<Atom>& atoms);
/// Makes it ready under `created_seq`, staged before or not.
void finish_atom_set(Tx& tx, const AtomSet& set);
/// What was made of a deleted asset is gone.
void drop_atom_sets(Tx& tx, Realm realm, std::string_view raw_asset_id);

/// Of all tenants: gone, or staged before `before`.
std::vector<AtomSet> list_swept_atom_sets(const Reader& reader, Micros before, int limit);
/// Removes its atoms up to `last` (an ordinal), then, when none is left, the set.
void sweep_atom_set(Tx& tx, const AtomSet& set, std::int64_t last);

}  // namespace nexus::store
