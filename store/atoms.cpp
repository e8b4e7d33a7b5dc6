#include "store/atoms.hpp"

#include "store/model_rows.hpp"
#include "store/retention.hpp"

namespace nexus::store {

using domain::Atom;
using domain::AtomOfSet;
using domain::AtomSet;
using domain::kAtom;
using domain::kAtomSet;

std::optional<AtomSet> find_atom_set(const Reader& reader, const AtomSet& like) {
  static const std::string text =
      select_rows<kAtomSet>() + "AND raw_asset_id = ?3 AND op_type = ?4 AND op_version = ?5 AND params = ?6";
  return first(reader.query(text, like.realm(), like.raw_asset_id, like.op_type, like.op_version, like.params),
               row_of<kAtomSet>);
}

std::vector<AtomSet> list_atom_sets(const Reader& reader, Realm realm, std::string_view raw_asset_id,
                                    const std::optional<std::string>& op_type, std::string_view first_id, int limit) {
  static const std::string text =
      select_rows<kAtomSet>() +
      "AND raw_asset_id = ?3 AND set_id >= ?4 AND (?5 IS NULL OR op_type = ?5) ORDER BY set_id LIMIT ?6";
  return all(reader.query(text, realm, raw_asset_id, first_id, op_type, limit), row_of<kAtomSet>);
}

std::vector<Atom> list_atoms(const Reader& reader, const AtomSet& set, std::int64_t after, int limit) {
  static const std::string text = select_rows<kAtom>() + "AND set_id = ?3 AND ordinal > ?4 ORDER BY ordinal LIMIT ?5";
  return all(reader.query(text, set.realm(), set.set_id, after, limit), row_of<kAtom>);
}

std::int64_t count_staged_atoms(const Reader& reader, const AtomSet& set) {
  return integer_of(reader.query(
      "SELECT COUNT(*) FROM atoms WHERE tenant_id = ?1 AND env = ?2 AND set_id = ?3 AND NOT EXISTS (SELECT 1 "
      "FROM atom_sets WHERE tenant_id = ?1 AND env = ?2 AND set_id = ?3 AND state = 'gone')",
      set.realm(), set.set_id));
}

std::optional<AtomOfSet> find_atom(const Reader& reader, Realm realm, std::string_view atom_id) {
  static const std::string text = "SELECT " + columns_text(kAtomSet.specs(), "s.") + ", " +
                                  columns_text(kAtom.specs(), "a.") +
                                  " FROM atoms AS a JOIN atom_sets AS s ON s.tenant_id = a.tenant_id AND s.env = a.env "
                                  "AND s.set_id = a.set_id "
                                  "WHERE a.tenant_id = ?1 AND a.env = ?2 AND a.atom_id = ?3 AND s.state = 'ready'";
  return first(reader.query(text, realm, atom_id), [](const Query& q) {
    int column = 0;
    return AtomOfSet{row_at<kAtomSet>(q, column), row_at<kAtom>(q, column)};
  });
}

void put_atom_set(Tx& tx, const AtomSet& set, const std::vector<Atom>& atoms) {
  put_row<kAtomSet>(tx, set);
  for (const Atom& atom : atoms) insert_row<kAtom>(tx, atom);
}

bool drop_atom_sets(Tx& tx, Realm realm, std::string_view raw_asset_id) {
  return tx.run(
             "UPDATE atom_sets SET state = 'gone' WHERE tenant_id = ?1 AND env = ?2 AND raw_asset_id = ?3 AND state = "
             "'ready'",
             realm, raw_asset_id) > 0;
}

bool give_up_atom_set(Tx& tx, const AtomSet& set) {
  return tx.run(
             "UPDATE atom_sets SET state = 'gone' WHERE tenant_id = ?1 AND env = ?2 AND set_id = ?3 AND state <> "
             "'ready'",
             set.realm(), set.set_id) > 0;
}

std::vector<AtomSet> list_swept_atom_sets(const Reader& reader, Micros before, int limit, int skipped) {
  static const std::string text =
      select_rows_everywhere<kAtomSet>() +
      "WHERE state <> 'ready' AND (state = 'gone' OR created_at < ?1) ORDER BY state, created_at LIMIT ?2 OFFSET ?3";
  return all(reader.query(text, before, limit, skipped), row_of<kAtomSet>);
}

std::int64_t count_swept_atom_sets(const Reader& reader, Micros before) {
  return integer_of(
      reader.query("SELECT count(*) FROM (SELECT 1 AS one FROM atom_sets WHERE state <> 'ready' AND (state = 'gone' OR "
                   "created_at < ?1) LIMIT ?2) AS counted",
                   before, kCountMax));
}

void sweep_atom_set(Tx& tx, const AtomSet& set, std::int64_t last) {
  tx.run("DELETE FROM atoms WHERE tenant_id = ?1 AND env = ?2 AND set_id = ?3 AND ordinal <= ?4", set.realm(),
         set.set_id, last);
  tx.run(
      "DELETE FROM atom_sets WHERE tenant_id = ?1 AND env = ?2 AND set_id = ?3 AND state <> 'ready' AND NOT EXISTS "
      "(SELECT 1 FROM atoms WHERE tenant_id = ?1 AND env = ?2 AND set_id = ?3)",
      set.realm(), set.set_id);
}

}  // namespace nexus::store
