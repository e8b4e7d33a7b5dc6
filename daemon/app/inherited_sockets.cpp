#include "daemon/app/inherited_sockets.hpp"

#include <netdb.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>

#include "daemon/app/service_manager.hpp"
#include "daemon/config/resolve.hpp"

namespace nexus::app {
namespace {

/// The value of an option of the socket; nothing where it is no socket.
std::optional<int> option_of(int descriptor, int name) {
  int value = 0;
  socklen_t length = sizeof value;
  if (::getsockopt(descriptor, SOL_SOCKET, name, &value, &length) != 0) return std::nullopt;
  return value;
}

Address address_of(const PassedSocket& socket, const sockaddr_storage& bound, socklen_t length) {
  char host[NI_MAXHOST], port[NI_MAXSERV];
  const int failed = ::getnameinfo(reinterpret_cast<const sockaddr*>(&bound), length, host, sizeof host, port,
                                   sizeof port, NI_NUMERICHOST | NI_NUMERICSERV);
  if (failed != 0) throw std::runtime_error("socket " + socket.name + " has no address: " + ::gai_strerror(failed));
  return {host, static_cast<std::uint16_t>(std::stoul(port))};
}

/// Throws ConfigError unless it listens for TCP connections.
Address judge(const PassedSocket& socket, const std::string& option, const std::string& source) {
  const auto refuse = [&](const std::string& problem, const std::string& remedy) {
    throw ConfigError(option, source, problem, remedy);
  };
  sockaddr_storage bound{};
  socklen_t length = sizeof bound;
  if (::getsockname(socket.descriptor, reinterpret_cast<sockaddr*>(&bound), &length) != 0)
    refuse("is no socket", "pass sockets alone");
  // trusted-proxy, and what Host may be, are about addresses; a path has none.
  if (bound.ss_family == AF_UNIX)
    refuse("is a socket of the file system, and nexusd speaks TCP alone", "give ListenStream= a loopback address");
  if (bound.ss_family != AF_INET && bound.ss_family != AF_INET6)
    refuse("is of another family than IPv4 and IPv6", "give ListenStream= an IP address and a port");
  if (option_of(socket.descriptor, SO_TYPE) != SOCK_STREAM) refuse("is no TCP socket", "write ListenStream=");
  if (option_of(socket.descriptor, SO_ACCEPTCONN) != 1) refuse("is not listening", "write Accept=no");
  return address_of(socket, bound, length);
}

}  // namespace

InheritedSockets inherited_sockets(const Config& config) {
  InheritedSockets sockets;
  for (const PassedSocket& passed : passed_sockets()) {
    const bool is_metrics = passed.name == "metrics";
    const std::string option = is_metrics ? "metrics-listen" : "listen";
    const std::string source = "inherited socket " + std::to_string(passed.descriptor) + ", " + passed.name;
    const Address address = judge(passed, option, source);
    require_safe_listener(config, option, source, address);
    (is_metrics ? sockets.metrics : sockets.listen).push_back({passed.descriptor, address});
  }
  return sockets;
}

std::vector<http::net::Endpoint> open_listeners(http::net::Server& server,
                                                const std::vector<InheritedSocket>& inherited,
                                                const std::vector<Address>& wanted) {
  std::vector<http::net::Endpoint> bound, unopened;
  for (const auto& socket : inherited) bound.push_back(server.adopt(socket.descriptor));
  if (!bound.empty()) return bound;
  for (const auto& address : wanted) unopened.push_back({address.host, address.port});
  return server.listen(unopened);
}

}  // namespace nexus::app
