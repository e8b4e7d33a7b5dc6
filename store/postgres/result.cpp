#include "store/postgres/result.hpp"

#include <charconv>

#include "store/postgres/libpq.hpp"
#include "store/postgres/values.hpp"

namespace nexus::store {

void ClearResult::operator()(pg_result* result) const noexcept { libpq().PQclear(result); }

std::int64_t rows_changed(pg_result* result) {
  const std::string_view done = libpq().PQcmdStatus(result);
  // `SELECT 3` counts too, but changes nothing.
  for (const std::string_view verb : {"INSERT ", "UPDATE ", "DELETE ", "MERGE "}) {
    if (!done.starts_with(verb)) continue;
    const std::string_view count = libpq().PQcmdTuples(result);
    std::int64_t out = 0;
    std::from_chars(count.data(), count.data() + count.size(), out);
    return out;
  }
  return 0;
}

void Rows::open(std::shared_ptr<pg_result> result) {
  const int columns = libpq().PQnfields(result.get());
  types_.clear();
  for (int column = 0; column < columns; ++column) types_.push_back(libpq().PQftype(result.get(), column));
  row_ = -1;
  rows_ = libpq().PQntuples(result.get());
  result_ = std::move(result);
}

bool Rows::next() {
  if (row_ < rows_) ++row_;
  return row_ < rows_;
}

void Rows::require(int column) const {
  if (row_ >= 0 && row_ < rows_ && column >= 0 && static_cast<std::size_t>(column) < types_.size()) return;
  throw std::logic_error("a row has no column " + std::to_string(column));
}

bool Rows::is_null(int column) const {
  require(column);
  return libpq().PQgetisnull(result_.get(), row_, column) != 0;
}

std::string_view Rows::bytes(int column) const {
  return {libpq().PQgetvalue(result_.get(), row_, column),
          static_cast<std::size_t>(libpq().PQgetlength(result_.get(), row_, column))};
}

std::int64_t Rows::integer(int column) const {
  return is_null(column) ? 0 : read_integer(types_[static_cast<std::size_t>(column)], bytes(column));
}

double Rows::real(int column) const {
  return is_null(column) ? 0.0 : read_real(types_[static_cast<std::size_t>(column)], bytes(column));
}

std::string_view Rows::text(int column) const {
  if (is_null(column)) return {};
  return read_text(types_[static_cast<std::size_t>(column)], bytes(column));
}

void Rows::release() noexcept { result_.reset(); }

}  // namespace nexus::store
