// IP addresses and networks as values, read and written by Boost.Asio's classes. No socket.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nexus {

/// An IPv4 or IPv6 address without a zone. An IPv4 address that is mapped into IPv6 (RFC 4291 section 2.5.5.2) is the
/// IPv4 address.
class IpAddress {
 public:
  using V4 = std::array<unsigned char, 4>;
  using V6 = std::array<unsigned char, 16>;

  explicit IpAddress(const V4& bytes);
  explicit IpAddress(const V6& bytes);
  /// `192.0.2.7`, `2001:db8::7`; nothing for anything else.
  static std::optional<IpAddress> parse(std::string_view text);

  bool is_v4() const { return v4_; }
  /// In network order; an IPv4 address fills the first four.
  const V6& bytes() const { return bytes_; }
  /// As the system prints it: `2001:db8::7`.
  std::string text() const;
  bool operator==(const IpAddress&) const = default;

 private:
  V6 bytes_{};
  bool v4_ = false;
};

/// All addresses that begin with the same bits.
class IpNetwork {
 public:
  /// `10.0.0.0/8`, `2001:db8::/32`, and an address alone, which is a network of one. Nothing for anything else, so also
  /// where bits are set behind the prefix: `10.1.0.0/8` may mean two networks.
  static std::optional<IpNetwork> parse(std::string_view text);

  bool holds(const IpAddress& address) const;
  std::string text() const;  ///< `10.0.0.0/8`
  bool operator==(const IpNetwork&) const = default;

 private:
  IpNetwork(const IpAddress& first, unsigned prefix) : first_(first), prefix_(prefix) {}

  IpAddress first_;
  unsigned prefix_;
};

/// The client of a request that came over proxies: `peer`, unless it is trusted; then the last address of
/// X-Forwarded-For that is no trusted proxy. What stands before it was written by whoever it belongs to, and is not
/// read. Where an entry is no address, the client is whoever reported it; where all are trusted, the first of them.
/// `forwarded`: the values of the fields X-Forwarded-For, in their order. An entry may have a port.
IpAddress client_behind(const IpAddress& peer, const std::vector<std::string_view>& forwarded,
                        const std::vector<IpNetwork>& trusted);

}  // namespace nexus
