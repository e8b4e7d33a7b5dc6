// The routes under load: the requests that a member of t_dev sends, made from the answers of the daemon itself.
#pragma once
#include <chrono>
#include <string>
#include <vector>

#include "tests/bench/load.hpp"
#include "tests/support/daemon_process.hpp"

namespace nexus::bench {

/// Presigns, without an Idempotency-Key, as fast as they are answered.
Measured load_presign(const test::DaemonProcess& daemon, std::chrono::milliseconds duration);

/// A registered asset and what a keyed read of it answers.
struct KeyedRead {
  std::string request;
  std::string body;
};
KeyedRead make_keyed_read(const test::DaemonProcess& daemon);

/// Reads beside presigns at a steady rate, both on one daemon.
struct Mixed {
  Measured reads, writes;
};
Mixed load_mixed(const test::DaemonProcess& daemon, const KeyedRead& read, double writes_per_second,
                 std::chrono::milliseconds duration);

/// `count` assets of 1 KiB: presigned, uploaded and registered, one kind of request after another.
struct Prepared {
  Measured presigns, uploads, registers;
};
Prepared load_register(const test::DaemonProcess& daemon, int count);

}  // namespace nexus::bench
