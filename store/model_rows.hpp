// Derives the statements and rows of a resource from its table (daemon/model/field.hpp). Filters of lists and searches
// are written by hand on `select_rows`. The SQL is in the common subset of SQLite and PostgreSQL.
//
// Each text is built once per process, so that every statement stays one cached statement.
#pragma once
#include <algorithm>
#include <forward_list>

#include "daemon/base/realm.hpp"
#include "daemon/model/field.hpp"
#include "store/many_rows.hpp"
#include "store/rows.hpp"

namespace nexus::store {

/// The end of a page in a list that is newest first, by time of creation and then by id.
struct PageMark {
  Micros at = INT64_MAX;
  std::string id;
};

/// The part of a list between two times: from `since` on, before `until`.
struct TimeRange {
  std::optional<Micros> since, until;
};

/// `<column>, <column>`, each behind `prefix`, such as "c." where tables are joined.
std::string columns_text(std::span<const model::Spec> specs, std::string_view prefix = {});
/// `SELECT <columns> FROM <table> WHERE tenant_id = ?1 AND env = ?2 [AND <alive>] `; ends with a space.
std::string select_text(std::string_view table, std::span<const model::Spec> specs, std::string_view alive);
/// `SELECT <columns> FROM <table> `: the rows of every tenant and env.
std::string select_text(std::string_view table, std::span<const model::Spec> specs);
/// `INSERT INTO <table> (<columns>)`.
std::string insert_into_text(std::string_view table, std::span<const model::Spec> specs);
/// Parameters in the order of the fields.
std::string insert_text(std::string_view table, std::span<const model::Spec> specs);
/// An insert that sets every field that is not fixed if the key exists already. Parameters as for an insert.
std::string put_text(std::string_view table, std::span<const model::Spec> specs);
/// Sets every field that is not fixed; parameters: the key, then the rest, each in the order of the fields.
std::string update_text(std::string_view table, std::span<const model::Spec> specs);
/// Selects a row that is not deleted; parameters: the key, in the order of the fields.
std::string find_text(std::string_view table, std::span<const model::Spec> specs, std::string_view alive);

/// `[AND <parent> = ?3] AND <id> < <from_newest> ORDER BY <id> DESC LIMIT ?`; the id is the last of the key.
std::string newest_text(std::span<const model::Spec> specs, std::string_view parent = {});
/// `AND <id> > ?3 ORDER BY <id> LIMIT ?4`, with the same id.
std::string by_key_text(std::span<const model::Spec> specs);
/// `SELECT 1 FROM <table> WHERE <key> [AND <alive>]`. Parameters: the key.
std::string exists_text(std::string_view table, std::span<const model::Spec> specs, std::string_view alive);
/// The bound of a list that goes down by id: the parameter `mark`, or, while it is '', more than any id. Ids are ASCII
/// and sort by bytes, so '~' is above all. A bound, unlike an OR, lets the index find where the page begins.
std::string from_newest(std::string_view mark);

/// The first seq below `end` whose time is not before `at`, else `end`. Times rise with seq, so this is a binary
/// search. `sql` selects the time of the first row from the seq ?3 on.
std::int64_t seq_at(const Reader& reader, std::string_view sql, Realm realm, std::int64_t end, Micros at);

/// Reads the column into the field.
void read_column(const Query& query, int column, model::Slot value);
/// Converts the value to an argument. A list becomes JSON text, which `kept` must hold until the statement has run.
Argument argument_of(model::ConstSlot value, std::forward_list<std::string>& kept);

template <const auto& kTable>
using RowOf = typename std::remove_cvref_t<decltype(kTable)>::Row;

/// The start of a hand-written SELECT, whose own parameters begin at ?3.
template <const auto& kTable>
const std::string& select_rows() {
  static const std::string text = select_text(kTable.table, kTable.specs(), kTable.alive);
  return text;
}

/// The same over every tenant and env, including deleted rows, for housekeeping.
template <const auto& kTable>
const std::string& select_rows_everywhere() {
  static const std::string text = select_text(kTable.table, kTable.specs());
  return text;
}

/// Reads the row in the columns from `column` on and moves `column` behind them, for joins of two tables.
template <const auto& kTable>
RowOf<kTable> row_at(const Query& query, int& column) {
  RowOf<kTable> row;
  for (const auto& field : kTable.fields)
    if (field.spec.stored) read_column(query, column++, model::slot_of(field, row));
  return row;
}

/// Reads a row of a statement that begins with select_rows or select_rows_everywhere.
template <const auto& kTable>
RowOf<kTable> row_of(const Query& query) {
  int column = 0;
  return row_at<kTable>(query, column);
}

/// Finds a row by its key, in the order of the fields.
template <const auto& kTable, class... Key>
std::optional<RowOf<kTable>> find_row(const Reader& reader, const Key&... key) {
  static const std::string text = find_text(kTable.table, kTable.specs(), kTable.alive);
  return first(reader.query(text, key...), row_of<kTable>);
}

/// The same for a key that begins with tenant and env.
template <const auto& kTable, class... Ids>
std::optional<RowOf<kTable>> find_row(const Reader& reader, Realm realm, const Ids&... ids) {
  return find_row<kTable>(reader, realm.tenant, realm.env, ids...);
}

/// Whether there is a row with this key (a Realm stands for tenant and env). Reads nothing of it.
template <const auto& kTable, class... Key>
bool has_row(const Reader& reader, const Key&... key) {
  static const std::string text = exists_text(kTable.table, kTable.specs(), kTable.alive);
  return reader.query(text, key...).next();
}

/// Appends every column of the row, in the order of the fields.
template <const auto& kTable>
void add_arguments(std::vector<Argument>& arguments, const RowOf<kTable>& row, std::forward_list<std::string>& kept) {
  for (const auto& field : kTable.fields)
    if (field.spec.stored) arguments.push_back(argument_of(model::slot_of(field, row), kept));
}

/// Runs a statement whose parameters are every column of the row.
template <const auto& kTable>
Changed run_with_row(Tx& tx, const std::string& text, const RowOf<kTable>& row) {
  std::forward_list<std::string> kept;
  std::vector<Argument> arguments;
  arguments.reserve(kTable.fields.size());
  add_arguments<kTable>(arguments, row, kept);
  return tx.run_with(text, arguments);
}

template <const auto& kTable>
void insert_row(Tx& tx, const RowOf<kTable>& row) {
  static const std::string text = insert_text(kTable.table, kTable.specs());
  run_with_row<kTable>(tx, text, row);
}

/// Inserts rows with different keys.
template <const auto& kTable>
void insert_rows(Tx& tx, std::span<const RowOf<kTable>> rows) {
  static const ManyRows insert(insert_into_text(kTable.table, kTable.specs()),
                               static_cast<std::size_t>(std::ranges::count_if(kTable.specs(), &model::Spec::stored)));
  std::forward_list<std::string> kept;
  insert.run(tx, rows, [&kept](std::vector<Argument>& arguments, const RowOf<kTable>& row) {
    add_arguments<kTable>(arguments, row, kept);
  });
}

/// Newest first by the row's own id, which grows with time, from below the id `before` ("" for the start).
template <const auto& kTable>
std::vector<RowOf<kTable>> list_newest(const Reader& reader, Realm realm, std::string_view before, int limit) {
  static const std::string text = select_rows<kTable>() + newest_text(kTable.specs());
  return all(reader.query(text, realm, before, limit), row_of<kTable>);
}

/// The same for the rows whose member `kParent` is `parent`, such as the artifacts of one asset.
template <const auto& kTable, auto kParent>
std::vector<RowOf<kTable>> list_newest_of(const Reader& reader, Realm realm, std::string_view parent,
                                          std::string_view before, int limit) {
  static const std::string text =
      select_rows<kTable>() + newest_text(kTable.specs(), model::spec_of(kTable, kParent).name);
  return all(reader.query(text, realm, parent, before, limit), row_of<kTable>);
}

/// In order of the last column of the key, from behind `mark` ("" for the start).
template <const auto& kTable>
std::vector<RowOf<kTable>> list_by_key(const Reader& reader, Realm realm, std::string_view mark, int limit) {
  static const std::string text = select_rows<kTable>() + by_key_text(kTable.specs());
  return all(reader.query(text, realm, mark, limit), row_of<kTable>);
}

/// The last column of the key.
template <const auto& kTable>
const std::string& id_of(const RowOf<kTable>& row) {
  const std::string* id = nullptr;
  for (const auto& field : kTable.fields)
    if (field.spec.key) id = std::get<const std::string*>(model::slot_of(field, row));
  return *id;
}

/// For rows whose `seq` keeps the order of creation: newest first, from below the seq `before` (0 for the start).
template <const auto& kTable>
std::vector<RowOf<kTable>> list_by_seq(const Reader& reader, Realm realm, std::int64_t before, int limit) {
  static const std::string text =
      select_rows<kTable>() + "AND seq < coalesce(nullif(?3, 0), 9223372036854775807) ORDER BY seq DESC LIMIT ?4";
  return all(reader.query(text, realm, before, limit), row_of<kTable>);
}

/// Inserts such a row with the next seq of its tenant and env.
template <const auto& kTable>
void insert_with_seq(Tx& tx, RowOf<kTable> row) {
  static const std::string text =
      "SELECT coalesce(max(seq), 0) + 1 FROM " + std::string(kTable.table) + " WHERE tenant_id = ?1 AND env = ?2";
  row.seq = integer_of(tx.query(text, row.tenant_id, row.env));
  insert_row<kTable>(tx, row);
}

/// Inserts the row. Returns false, without inserting, if another row has its key or a unique value of it.
template <const auto& kTable>
bool insert_new_row(Tx& tx, const RowOf<kTable>& row) {
  static const std::string text = insert_text(kTable.table, kTable.specs()) + " ON CONFLICT DO NOTHING";
  return run_with_row<kTable>(tx, text, row) > 0;
}

/// Inserts the row, or updates every field that may change in the row with its key.
template <const auto& kTable>
void put_row(Tx& tx, const RowOf<kTable>& row) {
  static const std::string text = put_text(kTable.table, kTable.specs());
  run_with_row<kTable>(tx, text, row);
}

/// Updates every field that may change in the row with this key.
template <const auto& kTable>
void update_row(Tx& tx, const RowOf<kTable>& row) {
  static const std::string text = update_text(kTable.table, kTable.specs());
  std::forward_list<std::string> kept;
  std::vector<Argument> arguments;
  for (const bool key : {true, false})
    for (const auto& field : kTable.fields)
      if (field.spec.key == key && field.spec.stored && (key || !field.spec.rule.fixed))
        arguments.push_back(argument_of(model::slot_of(field, row), kept));
  tx.run_with(text, arguments);
}

}  // namespace nexus::store
