// Reading and printing of listener addresses. The judging of an IP address is inet_pton's.
#include "daemon/config/address.hpp"

#include <arpa/inet.h>

#include <array>
#include <charconv>

namespace nexus {
namespace {

// The one spelling of an IP address of this family, or nothing.
std::optional<std::string> canonical_ip(int family, const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  if (inet_pton(family, host.c_str(), bytes.data()) != 1) return std::nullopt;
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (!inet_ntop(family, bytes.data(), text.data(), text.size())) return std::nullopt;
  return std::string(text.data());
}

std::optional<std::string> parse_host(std::string_view host) {
  if (host == "localhost") return "127.0.0.1";
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    return canonical_ip(AF_INET6, std::string(host.substr(1, host.size() - 2)));
  }
  return canonical_ip(AF_INET, std::string(host));
}

}  // namespace

bool Address::is_loopback() const { return host == "::1" || host.starts_with("127."); }

std::string Address::text() const {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return port;
}

std::optional<Address> parse_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto host = parse_host(text.substr(0, colon));
  const auto port = parse_port(text.substr(colon + 1));
  if (!host || !port) return std::nullopt;
  return Address{*host, *port};
}

}  // namespace nexus
