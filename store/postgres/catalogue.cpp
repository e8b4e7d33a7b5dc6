#include "store/postgres/catalogue.hpp"

namespace nexus::store {

std::vector<Table> tables_of_server(const Reader& reader) {
  std::vector<Table> tables;
  Query rows = reader.query(
      "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_class AS c "
      "JOIN pg_attribute AS a ON a.attrelid = c.oid WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition "
      "AND c.relnamespace = CAST(current_schema() AS regnamespace) AND a.attnum > 0 AND NOT a.attisdropped "
      "ORDER BY c.relname COLLATE \"C\", a.attnum");
  while (rows.next()) {
    if (tables.empty() || tables.back().name != rows.text_view(0)) tables.push_back({rows.text(0), {}});
    tables.back().columns.push_back({rows.text(1), rows.text(2)});
  }
  return tables;
}

}  // namespace nexus::store
