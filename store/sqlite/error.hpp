// Errors between the store and its file. Callers branch on `failure` or on the extended code, never on the text of
// what(): SQLite rewords its messages. The text may contain SQL or values, so it is for the log alone.
#pragma once
#include <stdexcept>
#include <string>
#include <string_view>

namespace nexus::store {

/// Classes of failure that lead to different answers. A Result without failure has `none`.
enum class Failure {
  none,
  constraint,  // the statement violated a constraint; its transaction goes on
  busy,        // the lock is held elsewhere, or the queue or the log is full: try later
  full,        // no space left on the disk
  io,          // the disk or the file system returned an error
  read_only,   // a write on a reader or to a read-only file
  no_memory,
  corrupt,      // the file is damaged or is no database
  interrupted,  // a read exceeded its time
  other,
};

std::string_view to_string(Failure failure);
/// The class of an SQLite result code, plain or extended.
Failure classify(int extended_code);

/// The plain code for "busy", for refusals that do not come from SQLite.
inline constexpr int kBusyCode = 5;

/// The plain code for "out of memory", for what runs out outside of SQLite.
inline constexpr int kNoMemoryCode = 7;

/// The plain code for "the file was replaced", for checks outside SQLite.
inline constexpr int kReplacedCode = 26;

class Error : public std::runtime_error {
 public:
  Error(int extended_code_, const std::string& text)
      : std::runtime_error(text), extended_code(extended_code_), failure(classify(extended_code_)) {}
  int extended_code;
  Failure failure;
};

/// This program must not use the file: it is foreign, damaged, newer, or does not match its migrations. what() is one
/// line for the operator and ends with the remedy.
struct SchemaError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace nexus::store
