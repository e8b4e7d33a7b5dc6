// The command tree of nexusctl.
#include <algorithm>
#include <tuple>

#include "cli/engine/command.hpp"
#include "cli/engine/settings.hpp"

namespace nexus::cli {
namespace {

std::vector<Command> sorted_commands() {
  std::vector<Command> commands = all_commands();
  std::ranges::sort(commands, [](const Command& left, const Command& right) {
    return std::tie(left.topic, left.name) < std::tie(right.topic, right.name);
  });
  return commands;
}

}  // namespace

const Command& root_command() {
  static const Command kRoot = {.name = "nexusctl",
                                .summary = "the command line of Nexus, a multi-tenant control plane",
                                .example = "nexusctl upload report.pdf --tenant TENANT_ID --env dev",
                                .parameters = global_parameters(),
                                .commands = sorted_commands()};
  return kRoot;
}

std::string heading_of(Topic topic) {
  switch (topic) {
    case Topic::none:
      return {};
    case Topic::first_job:
      return "First job";
    case Topic::files_and_texts:
      return "Files and texts";
    case Topic::stop:
      return "Stop";
    case Topic::decide:
      return "Decide";
    case Topic::measure:
      return "Measure";
    case Topic::look_and_prove:
      return "Look and prove";
    case Topic::set_up:
      return "Set up";
    case Topic::operate:
      return "Operate";
  }
  return {};
}

}  // namespace nexus::cli
