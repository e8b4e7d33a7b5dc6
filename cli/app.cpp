// Parsing, settings, the command, and what a failure looks like.
#include "cli/app.hpp"

#include <signal.h>
#include <unistd.h>

#include <iostream>
#include <system_error>

#include "cli/command.hpp"
#include "cli/escape.hpp"
#include "cli/failure.hpp"
#include "cli/parse.hpp"
#include "cli/session.hpp"

namespace nexus::cli {
namespace {

struct Face {
  bool json = false;
  bool colour = false;
};

template <typename Problem>
int report(const Problem& problem, Exit exit, const Face& face) {
  if (exit != Exit::broken_pipe) std::cerr << (face.json ? for_programs(problem) : for_people(problem, face.colour));
  return static_cast<int>(exit);
}

int run_command(const Parsed& parsed, Face& face) {
  const Environment environment = process_environment();
  ContextStore contexts(config_directory(environment));
  Session session(resolve(parsed.values, environment, contexts.load()), contexts);
  face = {session.json_output(), session.colour()};
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
    std::cout << parsed.text << std::flush;
    return static_cast<int>(Exit::done);
  } catch (const Refusal& refusal) {
    return report(refusal, refusal.exit(), face);
  } catch (const Failure& failure) {
    return report(failure, failure.exit, face);
  } catch (const std::system_error& error) {
    // EPIPE: whoever read our output has had enough.
    const bool pipe = error.code() == std::errc::broken_pipe;
    const Failure failure(pipe ? Exit::broken_pipe : Exit::negative, error.what());
    return report(failure, failure.exit, face);
  } catch (const std::exception& error) {
    const Failure failure(Exit::negative, error.what());
    return report(failure, failure.exit, face);
  }
}

}  // namespace

int run(const std::vector<std::string>& argv) {
  ::signal(SIGPIPE, SIG_IGN);  // a socket that closes is an error to explain, not a death
  ::setlocale(LC_CTYPE, "");   // widths of characters in tables
  const Environment environment = process_environment();
  Face face{wants_json(argv, environment), ::isatty(STDERR_FILENO) == 1 && !environment("NO_COLOR")};
  return guarded(argv, face);
}

}  // namespace nexus::cli
