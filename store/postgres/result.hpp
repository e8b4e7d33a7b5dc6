// The whole result of one statement, and the rows that a Query reads from it.
//
// Threads: one at a time. It needs its connection no more.
#pragma once
#include <memory>
#include <string_view>
#include <vector>

#include "store/postgres/parameters.hpp"
#include "store/query.hpp"

struct pg_result;

namespace nexus::store {

struct ClearResult {
  void operator()(pg_result* result) const noexcept;
};
using ResultHandle = std::unique_ptr<pg_result, ClearResult>;

/// How many rows an INSERT, UPDATE, DELETE or MERGE wrote; 0 for other statements.
std::int64_t rows_changed(pg_result* result);

/// A Cursor that is used again for other results. Its result is there whole, so a Query in the rows of a Query is fine.
class Rows final : public Cursor {
 public:
  /// Begins before the first row. Several may read one result.
  void open(std::shared_ptr<pg_result> result);
  bool is_open() const { return result_ != nullptr; }

  bool next() override;
  bool is_null(int column) const override;
  /// See values.hpp for the types. Throws std::logic_error for a column that is not there.
  std::int64_t integer(int column) const override;
  double real(int column) const override;
  std::string_view text(int column) const override;
  void release() noexcept override;

 private:
  void require(int column) const;
  std::string_view bytes(int column) const;

  std::shared_ptr<pg_result> result_;
  std::vector<type::Number> types_;  // of the columns
  int row_ = -1;
  int rows_ = 0;
};

}  // namespace nexus::store
