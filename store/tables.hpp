// The tables of a store as its engine's catalogue tells them, and which of them a move to the other engine copies
// (daemon/app/move.hpp). The list is derived: a new table is copied unless it is named here, and a table or column that
// one engine alone has stops every move.
//
// Threads: any.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace nexus::store {

enum class ValueKind { integer, real, text };

struct TableColumn {
  std::string name;
  std::string type;  // as the engine spells it
};

struct Table {
  std::string name;
  std::vector<TableColumn> columns;
  std::vector<std::string> key = {};      // columns of the primary key, else of a unique one
  std::vector<std::string> parents = {};  // tables to which its rows refer
};

struct MovedColumn {
  std::string name;
  ValueKind kind;
};

/// A table that is copied row by row.
struct MovedTable {
  std::string name;
  std::vector<MovedColumn> columns;
  std::vector<std::string> key;
  std::string condition = {};      // of the rows that are copied; empty: all
  std::string order = {};          // of the rows; empty: any
  bool is_written_before = false;  // by a migration or by triggers: what is there goes first

  /// Reads the rows to copy, with the columns in their order.
  std::string select() const;
};

/// The tables that a move copies, in an order in which each row finds those to which it refers. Throws
/// std::logic_error, naming the first, where both engines do not have the same, but for what is derived of other rows.
std::vector<MovedTable> tables_to_move(const std::vector<Table>& of_file, const std::vector<Table>& of_server);

/// Whether a move leaves out the table, because the target derives its rows of others: by triggers, by its migrations,
/// or as its index of cards; or because it tells of daemons.
bool is_derived(std::string_view table);

}  // namespace nexus::store
