#include "store/tables.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

namespace nexus::store {
namespace {

// The index of cards and all that counts for it is made anew of the cards; the sums are made by triggers; and who
// serves from a store is no part of it.
constexpr std::string_view kDerived[] = {
    "schema_migrations", "stored_answer_bytes", "card_search_spaces", "card_search_rows", "card_index_notes",
    "card_postings",     "card_index_state",    "card_index_debts",   "daemons",          "leases"};

/// A table whose rows are not simply all copied into an empty one.
struct Special {
  std::string_view table;
  std::string_view condition;
  bool is_written_before;
};
// Facts about a file that is open, about a server and about the move stay where they are. Marks are drawn by the
// triggers of other tables, so they come after all of these.
constexpr Special kSpecial[] = {{"meta", "key NOT IN ('in_use', 'moved_to', 'timeline')", false},
                                {"folded_texts", "kind <> 'cards'", true},
                                {"gate_marks", "", true},
                                {"admission_mark", "", true}};

const Special* find_special(std::string_view table) {
  const auto found = std::ranges::find(kSpecial, table, &Special::table);
  return found != std::end(kSpecial) ? found : nullptr;
}

[[noreturn]] void differ(const std::string& what) {
  throw std::logic_error("the two engines do not have the same tables: " + what + "; report this");
}

const Table& find_table(const std::vector<Table>& tables, const std::string& name) {
  const auto found = std::ranges::find(tables, name, &Table::name);
  if (found == tables.end()) differ("one alone has " + name);
  return *found;
}

ValueKind kind_of(const std::string& column, const std::string& of_file, const std::string& of_server) {
  if (of_file == "INTEGER" && of_server == "bigint") return ValueKind::integer;
  if (of_file == "REAL" && of_server == "double precision") return ValueKind::real;
  if (of_file == "TEXT" && of_server == "text") return ValueKind::text;
  differ(column + " is " + of_file + " in one and " + of_server + " in the other");
}

MovedTable moved(const Table& of_file, const Table& of_server) {
  MovedTable table{.name = of_file.name, .columns = {}, .key = of_file.key};
  if (of_file.columns.size() != of_server.columns.size()) differ(table.name + " has more columns in one");
  for (const TableColumn& column : of_file.columns) {
    const auto same = std::ranges::find(of_server.columns, column.name, &TableColumn::name);
    const std::string name = table.name + "." + column.name;
    if (same == of_server.columns.end()) differ("one alone has " + name);
    table.columns.push_back({column.name, kind_of(name, column.type, same->type)});
  }
  if (const Special* special = find_special(table.name)) {
    table.condition = special->condition;
    table.is_written_before = special->is_written_before;
  }
  return table;
}

/// Parents first; what triggers write last.
std::vector<Table> in_order(std::vector<Table> tables) {
  std::ranges::stable_sort(tables, {}, [](const Table& table) {
    const Special* special = find_special(table.name);
    return special != nullptr && special->is_written_before;
  });
  std::vector<Table> ordered;
  std::set<std::string> placed;
  const auto is_ready = [&](const Table& table) {
    return std::ranges::all_of(table.parents, [&](const std::string& parent) {
      return parent == table.name || placed.contains(parent) || is_derived(parent);
    });
  };
  while (!tables.empty()) {
    const auto next = std::ranges::find_if(tables, is_ready);
    if (next == tables.end()) differ("rows of " + tables.front().name + " refer to each other in a circle");
    placed.insert(next->name);
    ordered.push_back(std::move(*next));
    tables.erase(next);
  }
  return ordered;
}

}  // namespace

bool is_derived(std::string_view table) { return std::ranges::find(kDerived, table) != std::end(kDerived); }

std::string MovedTable::select() const {
  std::string sql = "SELECT ";
  for (const MovedColumn& column : columns) sql.append(&column == columns.data() ? "" : ", ").append(column.name);
  sql.append(" FROM ").append(name);
  if (!condition.empty()) sql.append(" WHERE ").append(condition);
  return order.empty() ? sql : sql + " ORDER BY " + order;
}

std::vector<MovedTable> tables_to_move(const std::vector<Table>& of_file, const std::vector<Table>& of_server) {
  for (const Table& table : of_server)
    if (!is_derived(table.name)) find_table(of_file, table.name);
  std::vector<Table> copied;
  std::ranges::copy_if(of_file, std::back_inserter(copied), [](const Table& it) { return !is_derived(it.name); });
  std::vector<MovedTable> tables;
  for (const Table& table : in_order(std::move(copied)))
    tables.push_back(moved(table, find_table(of_server, table.name)));
  return tables;
}

}  // namespace nexus::store
