#include "store/sqlite/error.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <utility>

namespace nexus::store {

static_assert(kBusyCode == SQLITE_BUSY && kNoMemoryCode == SQLITE_NOMEM && kReplacedCode == SQLITE_NOTADB);

Failure classify(int extended_code) {
  static constexpr std::pair<int, Failure> classes[] = {
      {SQLITE_OK, Failure::none},         {SQLITE_CONSTRAINT, Failure::constraint},
      {SQLITE_BUSY, Failure::busy},       {SQLITE_LOCKED, Failure::busy},
      {SQLITE_FULL, Failure::full},       {SQLITE_IOERR, Failure::io},
      {SQLITE_CANTOPEN, Failure::io},     {SQLITE_READONLY, Failure::read_only},
      {SQLITE_NOMEM, Failure::no_memory}, {SQLITE_CORRUPT, Failure::corrupt},
      {SQLITE_NOTADB, Failure::corrupt},  {SQLITE_INTERRUPT, Failure::interrupted}};
  if (extended_code == SQLITE_IOERR_NOMEM) return Failure::no_memory;
  const auto* found = std::ranges::find(classes, extended_code & 0xFF, &std::pair<int, Failure>::first);
  return found == std::end(classes) ? Failure::other : found->second;
}

std::string_view to_string(Failure failure) {
  static constexpr std::string_view names[] = {"none",      "constraint", "busy",    "full",        "io",
                                               "read_only", "no_memory",  "corrupt", "interrupted", "other"};
  return names[static_cast<std::size_t>(failure)];
}

}  // namespace nexus::store
