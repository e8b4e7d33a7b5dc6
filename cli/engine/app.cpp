// Parses the command line, resolves settings, runs the command, and prints failures.
#include "cli/engine/app.hpp"

#include <signal.h>
#include <unistd.h>

#include <cstring>
#include <iostream>

#include "cli/engine/command.hpp"
#include "cli/engine/escape.hpp"
#include "cli/engine/failure.hpp"
#include "cli/engine/parse.hpp"
#include "cli/engine/session.hpp"
#include "daemon/base/file.hpp"

extern char** environ;  // NOLINT: POSIX has no header for it

namespace nexus::cli {
namespace {

std::vector<std::string> environment_names() {
  std::vector<std::string> names;
  for (char** entry = environ; *entry != nullptr; ++entry) names.emplace_back(*entry, std::strcspn(*entry, "="));
  return names;
}

int run_command(const Parsed& parsed, Face& face) {
  const Environment environment = process_environment();
  ContextStore contexts(config_directory(environment));
  Session session(resolve(parsed.values, environment, contexts.load()), contexts);
  face = session.face();
  for (const std::string& sentence : misspelt_variables(environment_names())) session.warn(sentence);
  if (session.settings().print_curl && !parsed.command->beyond_curl.empty())
    throw usage_error(parsed.path + " has no curl line: it " + parsed.command->beyond_curl, parsed.path + " --help");
  try {
    return parsed.command->run(session, parsed.values);
  } catch (const Printed&) {
    return static_cast<int>(Exit::done);
  }
}

int guarded(const std::vector<std::string>& argv, Face& face) {
  try {
    const Parsed parsed = parse(root_command(), argv);
    if (parsed.command) return run_command(parsed, face);
    print_out(parsed.text);
    return static_cast<int>(Exit::done);
  } catch (const std::exception&) {
    return static_cast<int>(report_caught(face));
  }
}

}  // namespace

int run(const std::vector<std::string>& argv) {
  occupy_standard_descriptors();
  ::signal(SIGPIPE, SIG_IGN);  // a socket that closes is an error to explain, not a death
  ::setlocale(LC_CTYPE, "");   // widths of characters in tables
  const Environment environment = process_environment();
  Face face{wants_json(argv, environment), ::isatty(STDERR_FILENO) == 1 && !environment("NO_COLOR")};
  return guarded(argv, face);
}

}  // namespace nexus::cli
