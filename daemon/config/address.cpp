// Reads and prints listener addresses. inet_pton judges IP addresses.
#include "daemon/config/address.hpp"

#include <arpa/inet.h>

#include <array>

#include "daemon/base/url.hpp"

namespace nexus {
namespace {

// The canonical spelling of an IP address of this family, or nothing.
std::optional<std::string> canonical_ip(int family, const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  if (inet_pton(family, host.c_str(), bytes.data()) != 1) return std::nullopt;
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (!inet_ntop(family, bytes.data(), text.data(), text.size())) return std::nullopt;
  return std::string(text.data());
}

}  // namespace

bool Address::is_loopback() const { return host == "::1" || host.starts_with("127."); }

std::string Address::text() const {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::optional<Address> parse_address(std::string_view text) {
  const auto authority = parse_authority(text);
  if (!authority || !authority->port) return std::nullopt;
  const bool named = !authority->bracketed && authority->host == "localhost";
  const auto host = canonical_ip(authority->bracketed ? AF_INET6 : AF_INET, named ? "127.0.0.1" : authority->host);
  return host ? std::optional(Address{*host, *authority->port}) : std::nullopt;
}

}  // namespace nexus
