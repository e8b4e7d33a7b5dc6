// How a command of nexusctl fails: what it throws, what it prints, and its exit code. Local failures (usage, no
// connection, no token) are `Failure`. An error answer of the daemon is `Refusal`, which keeps the problem document
// unchanged. Nothing else decides on an exit code.
#pragma once
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/json.hpp"

namespace nexus::cli {

/// Exit codes are a contract with scripts: numbers never change their meaning.
enum class Exit {
  done = 0,
  negative = 1,
  usage = 2,
  unreachable = 3,
  unauthenticated = 4,
  refused = 5,
  not_found = 6,
  conflict = 7,
  not_ready = 8,
  throttled = 9,
  server_error = 10,
  audit_broken = 11,
  broken_pipe = 141,  // what a shell shows for a program that ended by SIGPIPE
};

/// The exit code for an error answer. `code` decides first (a gate answers 403 or 409, and both are 5), then the
/// status.
Exit exit_for(std::string_view code, int status);

/// A failure that nexusctl itself found. `remedy` is a line to try, or empty.
struct Failure : std::runtime_error {
  Failure(Exit exit_, std::string detail, std::string remedy_ = {})
      : std::runtime_error(std::move(detail)), exit(exit_), remedy(std::move(remedy_)) {}
  Exit exit;
  std::string remedy;
};

/// The caller's fault: exit 2.
Failure usage_error(std::string detail, std::string remedy = {});

/// An answer of the daemon with status 400 or more. `problem` is its document, or `{}` when it sent none.
struct Refusal : std::exception {
  Refusal(int status_, Json problem_, std::string request_id_, std::string receipt_ = {});
  const char* what() const noexcept override { return detail_.c_str(); }
  std::string code() const;
  Exit exit() const;

  int status;
  Json problem;
  std::string request_id;
  std::string receipt;  // "seq hash" of the audit row, when a gate refused

 private:
  std::string detail_;
};

/// The reader of an error: a program, or a person, perhaps with colour. `typed`: the options of this command line that
/// say where it acts; a line to try repeats them.
struct Face {
  bool json = false;
  bool colour = false;
  std::vector<std::pair<std::string, std::string>> typed = {};
};

/// A line to try, with the options that were typed: `nexusctl kill allow x --env prod`. A line that is no command of
/// nexusctl keeps its form, and so does an option that the line holds already. Where another one must act, context and
/// token are placeholders.
std::string with_typed(std::string line, const std::vector<std::pair<std::string, std::string>>& typed);

/// Prints the exception that is being handled to stderr, with `about` (a file, say) before the error. Returns its exit
/// code. Call it in a catch clause. An unknown exception is printed by its what().
Exit report_caught(const Face& face, const std::string& about = {});

/// The text for people on stderr, several lines; with `colour`, the first word is red.
std::string for_people(const Failure& failure, bool colour);
std::string for_people(const Refusal& refusal, bool colour);

/// The text for programs on stderr: a problem document on one line. A local failure has a `cli.…` code.
std::string for_programs(const Failure& failure);
std::string for_programs(const Refusal& refusal);

}  // namespace nexus::cli
