#include "daemon/base/network.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <charconv>
#include <ranges>

#include "daemon/base/text.hpp"

namespace nexus {
namespace {

namespace ip = boost::asio::ip;

ip::address_v4 v4_of(const IpAddress& address) {
  ip::address_v4::bytes_type bytes;
  std::copy_n(address.bytes().begin(), bytes.size(), bytes.begin());
  return ip::address_v4(bytes);
}

ip::address_v6 v6_of(const IpAddress& address) {
  ip::address_v6::bytes_type bytes;
  std::ranges::copy(address.bytes(), bytes.begin());
  return ip::address_v6(bytes);
}

/// The first address of the network with this prefix that holds it.
IpAddress first_of(const IpAddress& address, unsigned prefix) {
  const auto length = static_cast<unsigned short>(prefix);
  if (address.is_v4()) return IpAddress(ip::network_v4(v4_of(address), length).network().to_bytes());
  return IpAddress(ip::network_v6(v6_of(address), length).network().to_bytes());
}

std::optional<unsigned> prefix_of(std::string_view text, unsigned most) {
  unsigned prefix = 0;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, prefix);
  if (error != std::errc() || end != last || prefix > most) return std::nullopt;
  return prefix;
}

/// An entry of X-Forwarded-For: an address, or one with a port (`192.0.2.7:4711`, `[2001:db8::7]:4711`).
std::optional<IpAddress> forwarded_address(std::string_view entry) {
  if (entry.starts_with('[')) {
    const std::size_t end = entry.find(']');
    return end == std::string_view::npos ? std::nullopt : IpAddress::parse(entry.substr(1, end - 1));
  }
  if (std::ranges::count(entry, ':') == 1) entry = entry.substr(0, entry.find(':'));
  return IpAddress::parse(entry);
}

bool is_trusted(const IpAddress& address, const std::vector<IpNetwork>& trusted) {
  return std::ranges::any_of(trusted, [&](const IpNetwork& network) { return network.holds(address); });
}

}  // namespace

IpAddress::IpAddress(const V4& bytes) : v4_(true) { std::ranges::copy(bytes, bytes_.begin()); }

IpAddress::IpAddress(const V6& bytes) : bytes_(bytes) {
  const ip::address_v6 address(bytes);
  if (address.is_v4_mapped()) *this = IpAddress(ip::make_address_v4(ip::v4_mapped, address).to_bytes());
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.find('%') != std::string_view::npos) return std::nullopt;  // a zone of this machine
  boost::system::error_code error;
  const ip::address address = ip::make_address(std::string(text), error);
  if (error) return std::nullopt;
  return address.is_v4() ? IpAddress(address.to_v4().to_bytes()) : IpAddress(address.to_v6().to_bytes());
}

std::string IpAddress::text() const { return v4_ ? v4_of(*this).to_string() : v6_of(*this).to_string(); }

std::optional<IpNetwork> IpNetwork::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  const unsigned most = address->is_v4() ? 32 : 128;
  if (slash == std::string_view::npos) return IpNetwork(*address, most);
  const auto prefix = prefix_of(text.substr(slash + 1), most);
  if (!prefix || first_of(*address, *prefix) != *address) return std::nullopt;
  return IpNetwork(*address, *prefix);
}

bool IpNetwork::holds(const IpAddress& address) const {
  return address.is_v4() == first_.is_v4() && first_of(address, prefix_) == first_;
}

std::string IpNetwork::text() const { return first_.text() + "/" + std::to_string(prefix_); }

IpAddress client_behind(const IpAddress& peer, const std::vector<std::string_view>& forwarded,
                        const std::vector<IpNetwork>& trusted) {
  IpAddress client = peer;
  for (const std::string_view field : std::views::reverse(forwarded)) {
    const auto entries = split(field, ',');
    for (const auto entry : std::views::reverse(entries)) {
      if (!is_trusted(client, trusted)) return client;
      const std::string_view text = trim_ascii(entry);
      if (text.empty()) continue;  // RFC 9110 section 5.6.1
      const auto before = forwarded_address(text);
      if (!before) return client;
      client = *before;
    }
  }
  return client;
}

}  // namespace nexus
