// nexusctl: from argv to an exit code. Every failure is printed here and nowhere else.
#include <signal.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <vector>

#include "cli/commands/completion.hpp"
#include "cli/engine/command.hpp"
#include "cli/engine/failure.hpp"
#include "cli/engine/parse.hpp"
#include "cli/engine/session.hpp"
#include "daemon/base/build_info.hpp"
#include "daemon/base/file.hpp"

extern char** environ;  // NOLINT: POSIX has no header for it

namespace nexus::cli {
namespace {

int run_command(const Parsed& parsed, const Environment& environment, Face& face) {
  ContextStore contexts(config_directory(environment));
  Session session(resolve(parsed.values, environment, contexts.load()), contexts, {parsed.values, parsed.path});
  face = face_of(session);
  std::vector<std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) variables.emplace_back(*entry, std::strcspn(*entry, "="));
  for (const std::string& sentence : misspelt_variables(variables)) session.warn(sentence);
  if (session.settings().print_curl && !parsed.command->beyond_curl.empty())
    throw usage_error(parsed.path + " has no curl line: it " + parsed.command->beyond_curl, parsed.path + " --help");
  try {
    return parsed.command->run(session, parsed.values);
  } catch (const Printed&) {
    return static_cast<int>(Exit::done);
  }
}

}  // namespace
}  // namespace nexus::cli

int main(int argc, char** argv) {
  using namespace nexus::cli;
  nexus::occupy_standard_descriptors();
  ::signal(SIGPIPE, SIG_IGN);  // a socket that closes is an error to explain, not a death
  ::setlocale(LC_CTYPE, "");   // widths of characters in tables
  const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  const Environment environment = process_environment();
  if (!words.empty() && words.front() == "__complete") return complete({words.begin() + 1, words.end()}, environment);
  Face face{wants_json(words, environment), ::isatty(STDERR_FILENO) == 1 && !environment("NO_COLOR")};
  try {
    const Parsed parsed = parse(root_command(), words);
    if (parsed.command) return run_command(parsed, environment, face);
    print_out(parsed.build_info ? nexus::build_info_json("nexusctl", nexus::kBuildInfo) + "\n" : parsed.text);
    return static_cast<int>(Exit::done);
  } catch (const std::exception&) {
    return static_cast<int>(report_caught(face));
  }
}
