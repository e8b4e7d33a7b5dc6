// A second nexusd on the store of the first, as an installation of several daemons has it: with the same keys and the
// same objects, and a directory of its own. With NEXUS_TEST_DAEMONS=2 in the environment beside
// NEXUS_TEST_STORE=postgres, the worlds of the API tests have one, and requests go to the two in turn.
#pragma once
#include <memory>

#include "tests/support/daemon_process.hpp"

namespace nexus::test {

/// Whether worlds shall have a second daemon. Throws std::logic_error for a number that is neither 1 nor 2, and for 2
/// on a store in a file, which has one daemon.
bool is_with_second_daemon();

class SecondDaemon {
 public:
  /// `options` are those that the first was started with. Throws as DaemonProcess does.
  SecondDaemon(const DaemonProcess& first, DaemonOptions options);
  DaemonProcess& daemon() { return daemon_; }

 private:
  TemporaryDirectory directory_;
  DaemonProcess daemon_;
};

}  // namespace nexus::test
