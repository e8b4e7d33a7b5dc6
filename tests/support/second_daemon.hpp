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

/// The options for a daemon beside the first, with a new directory at `data_dir` and the store at that address, which
/// is the first one's too, if by another way. The objects are the first one's own files, since no S3 is needed to share
/// them on one machine. Throws std::filesystem::filesystem_error.
DaemonOptions beside(const DaemonProcess& first, DaemonOptions options, const std::filesystem::path& data_dir,
                     const std::string& database);

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
