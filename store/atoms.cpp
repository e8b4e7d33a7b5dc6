#include "store/atoms.hpp"

#include "store/sqlite/rows.hpp"

namespace nexus::store {
namespace {

AtomSet set_of(const Query& q) {
  return {.tenant_id = q.text(0),
          .env = q.text(1),
          .set_id = q.text(2),
          .raw_asset_id = q.text(3),
          .op_type = q.text(4),
          .op_version = q.integer(5),
          .params = q.text(6),
          .created_seq = q.integer(7),
          .created_at = q.integer(8),
          .created_by = q.text(9)};
}

/// The atom in the columns from `column` on.
Atom atom_from(const Query& q, int column) {
  return {.ordinal = q.integer(column),
          .atom_id = q.text(column + 1),
          .content = q.optional_text(column + 2),
          .key = q.optional_text(column + 3),
          .size_bytes = q.integer(column + 4),
          .sha256 = q.optional_text(column + 5)};
}

}  // namespace

// Literals, so that every statement stays one cached literal too.
#define NEXUS_ATOM_SET_COLUMNS                                                                       \
  "s.tenant_id, s.env, s.set_id, s.raw_asset_id, s.op_type, s.op_version, s.params, s.created_seq, " \
  "s.created_at, s.created_by"
#define NEXUS_ATOM_COLUMNS "a.ordinal, a.atom_id, a.content, a.key, a.size_bytes, a.sha256"

std::optional<AtomSet> find_atom_set(const Reader& reader, const AtomSet& like) {
  return first(reader.query("SELECT " NEXUS_ATOM_SET_COLUMNS
                            " FROM atom_sets AS s WHERE tenant_id = ?1 AND env = ?2 AND raw_asset_id = ?3 "
                            "AND op_type = ?4 AND op_version = ?5 AND params = ?6 AND state = 'ready'",
                            like.tenant_id, like.env, like.raw_asset_id, like.op_type, like.op_version, like.params),
               set_of);
}

std::vector<AtomSet> list_atom_sets(const Reader& reader, Realm realm, std::string_view raw_asset_id,
                                    const std::optional<std::string>& op_type, std::string_view first_id, int limit) {
  return all(reader.query("SELECT " NEXUS_ATOM_SET_COLUMNS
                          " FROM atom_sets AS s WHERE tenant_id = ?1 AND env = ?2 AND raw_asset_id = ?3 "
                          "AND set_id >= ?4 AND (?5 IS NULL OR op_type = ?5) AND state = 'ready' "
                          "ORDER BY set_id LIMIT ?6",
                          realm, raw_asset_id, first_id, op_type, limit),
             set_of);
}

std::vector<Atom> list_atoms(const Reader& reader, const AtomSet& set, std::int64_t after, int limit) {
  return all(reader.query("SELECT " NEXUS_ATOM_COLUMNS
                          " FROM atoms AS a WHERE tenant_id = ?1 AND env = ?2 AND set_id = ?3 AND ordinal > ?4 "
                          "ORDER BY ordinal LIMIT ?5",
                          set.tenant_id, set.env, set.set_id, after, limit),
             [](const Query& q) { return atom_from(q, 0); });
}

std::int64_t count_atoms(const Reader& reader, const AtomSet& set) {
  Query q = reader.query("SELECT COUNT(*) FROM atoms WHERE tenant_id = ?1 AND env = ?2 AND set_id = ?3", set.tenant_id,
                         set.env, set.set_id);
  q.next();
  return q.integer(0);
}

std::optional<AtomOfSet> find_atom(const Reader& reader, Realm realm, std::string_view atom_id) {
  return first(reader.query("SELECT " NEXUS_ATOM_SET_COLUMNS ", " NEXUS_ATOM_COLUMNS
                            " FROM atoms AS a JOIN atom_sets AS s USING (tenant_id, env, set_id) "
                            "WHERE a.tenant_id = ?1 AND a.env = ?2 AND a.atom_id = ?3 AND s.state = 'ready'",
                            realm, atom_id),
               [](const Query& q) {
                 return AtomOfSet{set_of(q), atom_from(q, 10)};
               });
}

void stage_atom_set(Tx& tx, const AtomSet& set) {
  tx.run(
      "INSERT INTO atom_sets (tenant_id, env, set_id, raw_asset_id, op_type, op_version, params, state, created_at, "
      "created_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'staged', ?8, ?9) ON CONFLICT DO NOTHING",
      set.tenant_id, set.env, set.set_id, set.raw_asset_id, set.op_type, set.op_version, set.params, set.created_at,
      set.created_by);
}

void insert_atoms(Tx& tx, const AtomSet& set, const std::vector<Atom>& atoms) {
  for (const Atom& atom : atoms)
    tx.run(
        "INSERT INTO atoms (tenant_id, env, set_id, ordinal, atom_id, content, key, size_bytes, sha256) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        set.tenant_id, set.env, set.set_id, atom.ordinal, atom.atom_id, atom.content, atom.key, atom.size_bytes,
        atom.sha256);
}

void finish_atom_set(Tx& tx, const AtomSet& set) {
  stage_atom_set(tx, set);
  tx.run(
      "UPDATE atom_sets SET state = 'ready', created_seq = ?4, created_at = ?5 WHERE tenant_id = ?1 AND env = ?2 AND "
      "set_id = ?3",
      set.tenant_id, set.env, set.set_id, set.created_seq, set.created_at);
}

void drop_atom_sets(Tx& tx, Realm realm, std::string_view raw_asset_id) {
  tx.run(
      "UPDATE atom_sets SET state = 'gone' WHERE tenant_id = ?1 AND env = ?2 AND raw_asset_id = ?3 AND state = 'ready'",
      realm, raw_asset_id);
}

std::vector<AtomSet> list_swept_atom_sets(const Reader& reader, Micros before, int limit) {
  return all(reader.query("SELECT " NEXUS_ATOM_SET_COLUMNS
                          " FROM atom_sets AS s WHERE state <> 'ready' AND (state = 'gone' OR created_at < ?1) "
                          "LIMIT ?2",
                          before, limit),
             set_of);
}

#undef NEXUS_ATOM_SET_COLUMNS
#undef NEXUS_ATOM_COLUMNS

void sweep_atom_set(Tx& tx, const AtomSet& set, std::int64_t last) {
  tx.run("DELETE FROM atoms WHERE tenant_id = ?1 AND env = ?2 AND set_id = ?3 AND ordinal <= ?4", set.tenant_id,
         set.env, set.set_id, last);
  tx.run(
      "DELETE FROM atom_sets WHERE tenant_id = ?1 AND env = ?2 AND set_id = ?3 AND state <> 'ready' AND NOT EXISTS "
      "(SELECT 1 FROM atoms WHERE tenant_id = ?1 AND env = ?2 AND set_id = ?3)",
      set.tenant_id, set.env, set.set_id);
}

}  // namespace nexus::store
