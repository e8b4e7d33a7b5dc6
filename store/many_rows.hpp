// Inserts many rows of one kind: several rows a statement, because a statement of its own costs as much again as half a
// row. Both texts are built once per process, so that they stay two cached statements.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/query.hpp"

namespace nexus::store {

class ManyRows {
 public:
  /// `into`: `INSERT INTO <table> (<columns>)`; `on_conflict`: what follows the values. A statement must not insert or
  /// update one row twice (PostgreSQL refuses that), so no two rows of a `run` may have one key.
  ManyRows(std::string_view into, std::size_t columns, std::string_view on_conflict = {});

  /// `bind(arguments, row)` appends the row's columns, in order. They refer to the row.
  template <class Row, class Bind>
  void run(Tx& tx, std::span<const Row> rows, Bind bind) const {
    std::vector<Argument> arguments;
    arguments.reserve(columns_ * kRows);
    while (!rows.empty()) {
      const bool many = rows.size() >= kRows;
      const auto now = rows.first(many ? kRows : 1);
      arguments.clear();
      for (const Row& row : now) bind(arguments, row);
      tx.run_with(many ? many_ : one_, arguments);
      rows = rows.subspan(now.size());
    }
  }

 private:
  static constexpr std::size_t kRows = 64;
  const std::size_t columns_;
  const std::string one_, many_;
};

}  // namespace nexus::store
