// The address of a listener: an IP address and a port. Names are not looked up, because a name's address may change
// between two starts and a listener's must not.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nexus {

struct Address {
  std::string host;        ///< IP address without brackets, as the system prints it
  std::uint16_t port = 0;  ///< 0 lets the system choose

  bool is_loopback() const;  ///< 127.0.0.0/8 or ::1
  std::string text() const;  ///< `127.0.0.1:7700`, `[::1]:7700`
  bool operator==(const Address&) const = default;
};

/// `127.0.0.1:7700`, `[::1]:7700`, `localhost:7700` (which is 127.0.0.1); nothing for anything else.
std::optional<Address> parse_address(std::string_view text);

}  // namespace nexus
