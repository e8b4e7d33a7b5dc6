// The values of options as people write them: addresses, sizes, times, names. What the functions in `values` take as a
// text of an option they give back as its typed value, or they throw BadValue.
#pragma once
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "daemon/base/network.hpp"

namespace nexus {

/// The address of a listener: an IP address and a port. Names are not looked up, because a name's address may change
/// between two starts and a listener's must not.
struct Address {
  std::string host;        ///< IP address without brackets, as the system prints it
  std::uint16_t port = 0;  ///< 0 lets the system choose

  bool is_loopback() const;  ///< 127.0.0.0/8 or ::1
  std::string text() const;  ///< `127.0.0.1:7700`, `[::1]:7700`
  bool operator==(const Address&) const = default;
};

/// `127.0.0.1:7700`, `[::1]:7700`, `localhost:7700` (which is 127.0.0.1); nothing for anything else.
std::optional<Address> parse_address(std::string_view text);

/// Bytes: digits, alone or with `B`, `KiB`, `MiB`, `GiB` or `TiB`. Returns nothing for anything else and on overflow.
std::optional<std::uint64_t> parse_size(std::string_view text);
/// The shortest exact form: `64MiB`, `1025`.
std::string format_size(std::uint64_t bytes);

/// Digits and one of `ms`, `s`, `m`, `h`, `d`. The unit is required, so that `10` never becomes ten milliseconds by
/// mistake. Returns nothing for anything else and on overflow.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// An invalid value. `what()` says what the value must be, not where it came from.
struct BadValue : std::runtime_error {
  using std::runtime_error::runtime_error;
};

namespace values {

bool boolean(std::string_view text);  ///< `true` or `false`
std::uint64_t count(std::string_view text, std::uint64_t min, std::uint64_t max);
std::uint64_t size(std::string_view text, std::uint64_t min, std::uint64_t max);
std::chrono::milliseconds duration(std::string_view text, std::chrono::milliseconds max);
Address address(std::string_view text);
IpNetwork network(std::string_view text);           ///< `10.0.0.0/8`, or an address alone
std::filesystem::path path(std::string_view text);  ///< not empty; made absolute
std::string origin(std::string_view text);          ///< `https://host[:port]`, lower case, without a final slash
std::string host(std::string_view text);            ///< `host` or `host:port`, lower case
std::string database(std::string_view text);        ///< an address of PostgreSQL, `sqlite:…`, or empty
std::string bucket(std::string_view text);          ///< an S3 bucket name

}  // namespace values
}  // namespace nexus
