#include "store/sqlite/result_code.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <utility>

namespace nexus::store {

Failure classify(int code) {
  static constexpr std::pair<int, Failure> classes[] = {
      {SQLITE_OK, Failure::none},         {SQLITE_CONSTRAINT, Failure::constraint},
      {SQLITE_BUSY, Failure::busy},       {SQLITE_LOCKED, Failure::busy},
      {SQLITE_FULL, Failure::full},       {SQLITE_IOERR, Failure::io},
      {SQLITE_CANTOPEN, Failure::io},     {SQLITE_READONLY, Failure::read_only},
      {SQLITE_NOMEM, Failure::no_memory}, {SQLITE_CORRUPT, Failure::corrupt},
      {SQLITE_NOTADB, Failure::corrupt},  {SQLITE_INTERRUPT, Failure::interrupted}};
  if (code == SQLITE_IOERR_NOMEM) return Failure::no_memory;
  const auto* found = std::ranges::find(classes, code & 0xFF, &std::pair<int, Failure>::first);
  return found == std::end(classes) ? Failure::other : found->second;
}

}  // namespace nexus::store
