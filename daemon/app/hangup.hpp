// SIGHUP never ends the daemon: from the first line of main it is held back, in every thread, and looked for.
#pragma once

namespace nexus::app {

/// Before any thread is started.
void hold_hangups();
/// Whether SIGHUP came since the last look.
bool take_hangup();

}  // namespace nexus::app
