// Turns rows into values, for nearly every read of store/.
#pragma once
#include <type_traits>

#include "store/query.hpp"

namespace nexus::store {

/// Returns every row, converted by `read`.
template <class Read>
auto all(Query query, Read read) {
  std::vector<std::invoke_result_t<Read, const Query&>> rows;
  while (query.next()) rows.push_back(read(query));
  return rows;
}

/// The first column, for rows of one.
inline std::string only_text(const Query& query) { return query.text(0); }
inline std::int64_t only_integer(const Query& query) { return query.integer(0); }
/// The first two columns: tenant and env.
inline Place place_of(const Query& query) { return {query.text(0), query.text(1)}; }

/// Returns the first row, or nothing if there is none.
template <class Read>
auto first(Query query, Read read) {
  using Row = std::invoke_result_t<Read, const Query&>;
  return query.next() ? std::optional<Row>(read(query)) : std::nullopt;
}

/// Returns the integer of a single row; 0 if it is null or there is no row.
inline std::int64_t integer_of(Query query) { return query.next() ? query.integer(0) : 0; }

}  // namespace nexus::store
