// nexusctl kill actions: what a switch can stop, and what one stops now. The daemon judges; this joins its answer with
// its table of routes.
#pragma once
#include "cli/engine/command.hpp"

namespace nexus::cli {

/// The command `actions` of the group `kill`.
Command actions_of_kill();

}  // namespace nexus::cli
