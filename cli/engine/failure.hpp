// How a command of nexusctl ends badly: what it throws, what it prints, with which exit code.
// Local failures (usage, no connection, no token) are `Failure`; an error answer of the daemon is `Refusal`, which
// keeps the problem document as it came. Nothing else decides on an exit code.
#pragma once
#include <stdexcept>
#include <string>
#include <string_view>

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

/// The exit code for an error answer: by `code` first (a gate answers 403 or 409 and is 5 either way), then by status.
Exit exit_for(std::string_view code, int status);

/// A failure that nexusctl found by itself. `remedy` is a line to try, or empty.
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

/// Who reads an error: a program, or a person, perhaps in colour; and which options of this command line say where it
/// acts, as a line to try must say them again.
struct Face {
  bool json = false;
  bool colour = false;
  std::vector<std::pair<std::string, std::string>> typed = {};
};

/// A line to try, with the options that were typed: `nexusctl kill allow x --env prod`. What is no command of nexusctl,
/// or says an option already, keeps it.
std::string with_typed(std::string line, const std::vector<std::pair<std::string, std::string>>& typed);

/// Prints the exception that is being handled to stderr; `about` (a file, say) stands before what is wrong. The exit
/// code for it. Called in a catch clause: what no clause knows is printed by its what().
Exit report_caught(const Face& face, const std::string& about = {});

/// What a person reads on stderr, several lines; with `colour`, the first word is red.
std::string for_people(const Failure& failure, bool colour);
std::string for_people(const Refusal& refusal, bool colour);

/// What a program reads on stderr: a problem document on one line. A local failure has a `cli.…` code.
std::string for_programs(const Failure& failure);
std::string for_programs(const Refusal& refusal);

}  // namespace nexus::cli
