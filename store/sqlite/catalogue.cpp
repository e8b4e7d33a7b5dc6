#include "store/sqlite/catalogue.hpp"

#include "store/rows.hpp"

namespace nexus::store {
namespace {

/// The columns of the primary key, else of the first unique index over plain columns of all rows.
std::vector<std::string> key_of(const Reader& reader, const std::string& table) {
  auto key = all(reader.query("SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk", table), only_text);
  if (!key.empty()) return key;
  const auto index = first(
      reader.query("SELECT name FROM pragma_index_list(?1) WHERE \"unique\" = 1 AND partial = 0 ORDER BY name", table),
      only_text);
  if (!index) return {};
  return all(reader.query("SELECT name FROM pragma_index_info(?1) ORDER BY seqno", *index), only_text);
}

}  // namespace

std::vector<Table> tables_of_file(const Reader& reader) {
  const auto names = all(reader.query("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' "
                                      "AND name NOT LIKE 'sqlite_%' ORDER BY name"),
                         only_text);
  std::vector<Table> tables;
  for (const std::string& name : names) {
    Table table{.name = name, .columns = {}, .key = key_of(reader, name)};
    table.columns =
        all(reader.query("SELECT name, type FROM pragma_table_info(?1) ORDER BY cid", name), [](const Query& q) {
          return TableColumn{q.text(0), q.text(1)};
        });
    table.parents =
        all(reader.query("SELECT DISTINCT \"table\" FROM pragma_foreign_key_list(?1) ORDER BY 1", name), only_text);
    tables.push_back(std::move(table));
  }
  return tables;
}

}  // namespace nexus::store
