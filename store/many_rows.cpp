#include "store/many_rows.hpp"

namespace nexus::store {
namespace {

std::string text_of(std::string_view into, std::size_t columns, std::size_t rows, std::string_view on_conflict) {
  std::string values;
  for (std::size_t number = 0; number < columns * rows; ++number) {
    values.append(number % columns != 0 ? ", " : number == 0 ? "(" : "), (");
    values.append(1, '?').append(std::to_string(number + 1));
  }
  return std::string(into).append(" VALUES ").append(values).append(") ").append(on_conflict);
}

}  // namespace

ManyRows::ManyRows(std::string_view into, std::size_t columns, std::string_view on_conflict)
    : columns_(columns),
      one_(text_of(into, columns, 1, on_conflict)),
      many_(text_of(into, columns, kRows, on_conflict)) {}

}  // namespace nexus::store
