// Sets of atoms: one operation makes a set from one asset. Readers see only the atoms of ready sets. The sweep removes
// staged and deleted sets.
#pragma once
#include "daemon/base/realm.hpp"
#include "daemon/model/field.hpp"

namespace nexus::domain {

struct AtomSet {
  std::string tenant_id;
  std::string env;
  std::string set_id;
  std::string raw_asset_id;
  std::string op_type;
  std::int64_t op_version = 1;
  std::string params = "{}";  // canonical JSON
  std::string state = "staged";
  std::optional<std::int64_t> created_seq = {};
  Micros created_at = 0;
  std::string created_by;

  Realm realm() const { return {.tenant = tenant_id, .env = env}; }
};

inline constexpr std::string_view kOpTypes[] = {"text_identity", "text_split", "lines"};

inline constexpr model::Table kAtomSet{
    "AtomSet", "atom_sets",
    std::array{model::tenant(&AtomSet::tenant_id), model::env(&AtomSet::env),
               model::key(model::hidden("set_id", &AtomSet::set_id)),
               model::made("raw_asset_id", &AtomSet::raw_asset_id),
               model::made("op_type", &AtomSet::op_type, {.choices = kOpTypes}),
               model::made("op_version", &AtomSet::op_version), model::hidden("params", &AtomSet::params),
               model::hidden("state", &AtomSet::state), model::hidden("created_seq", &AtomSet::created_seq),
               model::made_time("created_at", &AtomSet::created_at), model::made("created_by", &AtomSet::created_by)},
    "state = 'ready'"};

/// An atom within its set: `content`, or the `key` of an object.
struct Atom {
  std::string tenant_id;
  std::string env;
  std::string set_id;
  std::int64_t ordinal = 0;
  std::string atom_id;
  std::optional<std::string> content = {};
  std::optional<std::string> key = {};
  std::int64_t size_bytes = 0;
  std::optional<std::string> sha256 = {};  // of an object
};

/// Answers show it with its set, and with its text or the text's location.
inline constexpr model::Table kAtom{
    "AtomArtifact", "atoms",
    std::array{model::tenant(&Atom::tenant_id), model::env(&Atom::env), model::hidden("set_id", &Atom::set_id),
               model::made("ordinal", &Atom::ordinal),
               model::made("atom_id", &Atom::atom_id, {.help = "a UUIDv8: the same whenever the same is made again"}),
               model::hidden("content", &Atom::content), model::hidden("key", &Atom::key),
               model::hidden("size_bytes", &Atom::size_bytes), model::hidden("sha256", &Atom::sha256)}};

struct AtomOfSet {
  AtomSet set;
  Atom atom;
};

}  // namespace nexus::domain
