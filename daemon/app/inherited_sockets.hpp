// Sockets that the service manager opened before the daemon started (systemd.socket(5)): which listener each one is of,
// and whether it may be one.
#pragma once
#include <vector>

#include "daemon/config/config.hpp"
#include "daemon/http/net/server.hpp"

namespace nexus::app {

struct InheritedSocket {
  int descriptor = -1;
  Address address;
};

/// Where one of them is empty, the daemon opens the addresses of its configuration instead.
struct InheritedSockets {
  std::vector<InheritedSocket> listen;
  std::vector<InheritedSocket> metrics;  ///< those with FileDescriptorName=metrics
};

/// Each is judged by its own address, as those of `--listen` are. Throws ConfigError for one that is refused: beyond
/// loopback without `--insecure-listen`, no TCP, or not listening.
InheritedSockets inherited_sockets(const Config& config);

/// Takes over what was inherited. Where nothing was, opens the `wanted` addresses. Returns the addresses as bound.
/// Throws std::runtime_error with one line for the operator.
std::vector<http::net::Endpoint> open_listeners(http::net::Server& server,
                                                const std::vector<InheritedSocket>& inherited,
                                                const std::vector<Address>& wanted);

}  // namespace nexus::app
