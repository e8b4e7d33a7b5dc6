// What can go wrong between the store and its file. Callers branch on `failure` or on the extended code, never on the
// text of what(): SQLite rewords its messages, and the text may hold SQL or values, so it is for the log alone.
#pragma once
#include <stdexcept>
#include <string>
#include <string_view>

namespace nexus::store {

/// Classes of failure that lead to different answers. `none` is what a Result carries when nothing failed.
enum class Failure {
  none,
  constraint,  // the statement broke a constraint; its transaction lives on
  busy,        // somebody else holds the lock, or the queue or the log is full: try later
  full,        // no space left on the disk
  io,          // the disk or the file system answered an error
  read_only,   // a write on a reader, or a file that may not be written
  no_memory,
  corrupt,      // the file is damaged or is no database
  interrupted,  // a read went over its time
  other,
};

std::string_view to_string(Failure failure);
/// The class of an SQLite result code, plain or extended.
Failure classify(int extended_code);

/// The plain code for "busy", for those who refuse without having asked SQLite.
inline constexpr int kBusyCode = 5;

/// The plain code for "the file is another one", for those who look at it themselves.
inline constexpr int kReplacedCode = 26;

class Error : public std::runtime_error {
 public:
  Error(int extended_code_, const std::string& text)
      : std::runtime_error(text), extended_code(extended_code_), failure(classify(extended_code_)) {}
  int extended_code;
  Failure failure;
};

/// The file must not be used by this program: foreign, damaged, newer, or not what its migrations say.
/// what() is one line for the operator and ends with what to do.
struct SchemaError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace nexus::store
