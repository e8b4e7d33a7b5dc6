// Rows as values: what nearly every read of store/ ends with.
#pragma once
#include <optional>
#include <type_traits>
#include <vector>

#include "store/sqlite/query.hpp"

namespace nexus::store {

/// Every row, made a value by `read`.
template <class Read>
auto all(Query query, Read read) {
  std::vector<std::invoke_result_t<Read, const Query&>> rows;
  while (query.next()) rows.push_back(read(query));
  return rows;
}

/// The first row, or nothing where there is none.
template <class Read>
auto first(Query query, Read read) {
  using Row = std::invoke_result_t<Read, const Query&>;
  return query.next() ? std::optional<Row>(read(query)) : std::nullopt;
}

}  // namespace nexus::store
