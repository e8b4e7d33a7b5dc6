// SQLite result codes to classes of failure.
#include "store/sqlite/error.hpp"

#include <sqlite3.h>

namespace nexus::store {

static_assert(kBusyCode == SQLITE_BUSY && kReplacedCode == SQLITE_NOTADB);

Failure classify(int extended_code) {
  if (extended_code == SQLITE_IOERR_NOMEM) return Failure::no_memory;
  switch (extended_code & 0xFF) {
    case SQLITE_OK:
      return Failure::none;
    case SQLITE_CONSTRAINT:
      return Failure::constraint;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Failure::busy;
    case SQLITE_FULL:
      return Failure::full;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
      return Failure::io;
    case SQLITE_READONLY:
      return Failure::read_only;
    case SQLITE_NOMEM:
      return Failure::no_memory;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Failure::corrupt;
    case SQLITE_INTERRUPT:
      return Failure::interrupted;
    default:
      return Failure::other;
  }
}

std::string_view to_string(Failure failure) {
  switch (failure) {
    case Failure::none:
      return "none";
    case Failure::constraint:
      return "constraint";
    case Failure::busy:
      return "busy";
    case Failure::full:
      return "full";
    case Failure::io:
      return "io";
    case Failure::read_only:
      return "read_only";
    case Failure::no_memory:
      return "no_memory";
    case Failure::corrupt:
      return "corrupt";
    case Failure::interrupted:
      return "interrupted";
    case Failure::other:
      return "other";
  }
  return "other";
}

}  // namespace nexus::store
