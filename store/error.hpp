// Errors between the store and its engine. Callers branch on `failure`, never on the text of what(): engines reword
// their messages. The text may contain SQL or values, so it is for the log alone.
#pragma once
#include <stdexcept>
#include <string>
#include <string_view>

namespace nexus::store {

/// Classes of failure that lead to different answers. A Result without failure has `none`.
enum class Failure {
  none,
  constraint,  // the statement violated a constraint
  busy,        // the lock is held elsewhere, or the queue or the log is full: try later
  full,        // no space left on the disk
  io,          // the disk or the file system returned an error
  read_only,   // a write on a reader or to a read-only file
  no_memory,
  corrupt,       // the file is damaged or is no database
  replaced,      // another file stands under the name of ours
  interrupted,   // a read exceeded its time
  unreachable,   // the connection to the database's server is lost, or none can be made
  unreplicated,  // commits wait for no standby, and they have to
  other,
};

std::string_view to_string(Failure failure);

class Error : public std::runtime_error {
 public:
  Error(Failure failure_, const std::string& text) : std::runtime_error(text), failure(failure_) {}
  Failure failure;
};

/// This program must not use the database: it is foreign, damaged, newer, or does not match its migrations. what() is
/// one line for the operator and ends with the remedy.
struct SchemaError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace nexus::store
