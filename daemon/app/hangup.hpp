// SIGHUP never ends the daemon. It is blocked in every thread from the first line of main, and polled.
#pragma once

namespace nexus::app {

/// Blocks SIGHUP. Call before any thread is started.
void hold_hangups();
/// Whether SIGHUP came since the last look.
bool take_hangup();

}  // namespace nexus::app
