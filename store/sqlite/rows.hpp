// Turns rows into values, for nearly every read of store/.
#pragma once
#include <optional>
#include <type_traits>
#include <vector>

#include "store/sqlite/query.hpp"

namespace nexus::store {

/// Returns every row, converted by `read`.
template <class Read>
auto all(Query query, Read read) {
  std::vector<std::invoke_result_t<Read, const Query&>> rows;
  while (query.next()) rows.push_back(read(query));
  return rows;
}

/// Returns the first row, or nothing if there is none.
template <class Read>
auto first(Query query, Read read) {
  using Row = std::invoke_result_t<Read, const Query&>;
  return query.next() ? std::optional<Row>(read(query)) : std::nullopt;
}

}  // namespace nexus::store
