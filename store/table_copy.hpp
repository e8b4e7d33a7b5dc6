// Copies the rows of a table from one store to another, and sums them up, so that what arrived can be compared with
// what was sent.
//
// Threads: those of the readers. Errors: theirs, and those of the target's statements.
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "daemon/base/crypto.hpp"
#include "store/query.hpp"
#include "store/tables.hpp"

namespace nexus::store {

using OwnedValue = std::variant<std::nullptr_t, std::int64_t, double, std::string>;
using OwnedRow = std::vector<OwnedValue>;

/// A row of MovedTable::select().
OwnedRow read_row(const Query& query, const MovedTable& table);
/// About how many it has.
std::size_t bytes_of(const OwnedRow& row);

/// The sum of rows, in whatever order they come: how many they are, and their SHA-256 added up as numbers of 256 bits.
/// It shows a mistake of the copy; it is no proof against somebody who wants two sums to be equal.
class RowSum {
 public:
  void add(const OwnedRow& row);
  std::int64_t rows() const { return rows_; }
  std::string hex() const;
  bool operator==(const RowSum& other) const { return rows_ == other.rows_ && sum_ == other.sum_; }

 private:
  Sha256 hasher_;
  std::string scratch_;
  std::array<std::uint64_t, 4> sum_{};
  std::int64_t rows_ = 0;
};

/// A text with U+0000, which PostgreSQL cannot store: each of these is U+FFFD now.
struct Replaced {
  std::string table, key, column;  // the values of the key's columns, with / between
};

/// Replaces each U+0000 in the row's texts, and calls `tell` for each text that had one.
void replace_zeros(OwnedRow& row, const MovedTable& table, const std::function<void(Replaced)>& tell);

/// Inserts rows, many a statement where the engine takes many.
class RowWriter {
 public:
  /// `rows`: of one statement. Its texts are made once.
  RowWriter(Tx& tx, const MovedTable& table, std::size_t rows);
  void write(OwnedRow row);
  /// Writes what waits, and waits until the engine has it. Throws std::logic_error when it took fewer rows than it was
  /// given.
  void finish();

 private:
  void insert(const std::string& sql, std::size_t first, std::size_t count);

  Tx& tx_;
  const std::string one_, many_;
  const std::size_t rows_max_;
  std::vector<OwnedRow> rows_;
  std::size_t bytes_ = 0;
  std::vector<Changed> sent_;  // of one row each, but for `many_`
};

}  // namespace nexus::store
