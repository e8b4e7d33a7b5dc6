// The statements of store/ as PostgreSQL takes them. One text serves both engines; what differs is the spelling of
// parameters (`?3` is `$3`) and `INDEXED BY name`, a hint that only SQLite knows.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace nexus::store {

struct Translation {
  std::string sql;
  std::size_t parameters = 0;  // the highest number
};

/// `as_null`: parameters, from ?1, that are written as NULL. Quoted texts, quoted names and comments stay as they are.
/// Key words are upper case, as everywhere in store/. Throws std::logic_error for an empty statement and for a
/// parameter without a number.
Translation translate(std::string_view sql, const std::vector<bool>& as_null = {});

}  // namespace nexus::store
