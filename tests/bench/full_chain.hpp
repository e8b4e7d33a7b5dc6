// The whole chain of gates configured for raw storage in t_dev, env dev, through the public surface: a dangerous action
// with its licence, a strategy lock that hangs on the three wise, budget policies, a KPI corridor, temperature floors,
// ceilings and weights, and usage and observations for them to judge. Everything lets pass.
#pragma once
#include "tests/support/daemon_process.hpp"

namespace nexus::bench {

/// Throws when the daemon refuses a step, or when explain does not say PASS at every gate afterwards.
void configure_full_chain(const test::DaemonProcess& daemon);

}  // namespace nexus::bench
