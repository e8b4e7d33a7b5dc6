// Requests as bytes, for the tests on raw sockets, and the daemon that they share.
#pragma once
#include <string>
#include <string_view>

#include "tests/support/daemon_process.hpp"
#include "tests/support/wire.hpp"

namespace nexus::test {

/// One daemon for all tests that neither stop nor configure it.
inline DaemonProcess& shared_daemon() {
  static DaemonProcess daemon;
  return daemon;
}

/// Authorization and context of u_dev in t_dev, env dev.
inline std::string context_lines(const DaemonProcess& daemon) {
  return "Authorization: Bearer " + daemon.token() + "\r\nX-Tenant-Id: t_dev\r\nX-Env: dev\r\n";
}

inline std::string get(std::string_view target, std::string_view lines = {}) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(lines) + "\r\n";
}

/// A POST of JSON up to its empty line.
inline std::string post_head(std::string_view target, std::size_t length, std::string_view lines = {}) {
  return "POST " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" +
         "Content-Length: " + std::to_string(length) + "\r\n" + std::string(lines) + "\r\n";
}

inline std::string post(std::string_view target, std::string_view body, std::string_view lines = {}) {
  return post_head(target, body.size(), lines) + std::string(body);
}

/// A mutation that leaves an audit row, so that the receipts tell whether it ran.
inline std::string presign_request(const DaemonProcess& daemon, std::string_view lines = {}) {
  return post("/nexus/raw/presign-upload", R"({"filename":"a.txt"})", context_lines(daemon) + std::string(lines));
}

/// The seq of a new audit row: one more than the last mutation's.
inline long next_seq(const DaemonProcess& daemon) {
  Wire wire(daemon.port());
  wire.send(presign_request(daemon));
  const std::string seq = wire.answer().header("nexus-audit-seq");
  return seq.empty() ? -1 : std::stol(seq);
}

}  // namespace nexus::test
