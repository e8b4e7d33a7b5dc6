#include "daemon/config/values.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <ranges>
#include <span>

#include "daemon/base/text.hpp"
#include "daemon/base/url.hpp"
#include "daemon/base/database_address.hpp"

namespace nexus {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr Unit kCount[] = {{"", 1}};
constexpr Unit kSizes[] = {
    {"", 1}, {"B", 1}, {"KiB", 1ULL << 10}, {"MiB", 1ULL << 20}, {"GiB", 1ULL << 30}, {"TiB", 1ULL << 40}};
constexpr Unit kDurations[] = {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};

/// Every multiplication is checked.
std::optional<std::uint64_t> parse_with_unit(std::string_view text, std::span<const Unit> units) {
  constexpr std::uint64_t max = std::numeric_limits<std::int64_t>::max();
  std::uint64_t number = 0;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  if (error != std::errc()) return std::nullopt;
  const std::string_view name(end, static_cast<std::size_t>(last - end));
  for (const auto& unit : units) {
    if (unit.name != name) continue;
    if (number > max / unit.factor) return std::nullopt;
    return number * unit.factor;
  }
  return std::nullopt;
}

/// The canonical spelling of an IP address of this family, or nothing.
std::optional<std::string> canonical_ip(int family, const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  if (inet_pton(family, host.c_str(), bytes.data()) != 1) return std::nullopt;
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (!inet_ntop(family, bytes.data(), text.data(), text.size())) return std::nullopt;
  return std::string(text.data());
}

bool is_authority(std::string_view text) {
  const auto authority = parse_authority(text);
  if (!authority || authority->port == 0) return false;
  const std::string& host = authority->host;
  if (authority->bracketed) return parse_address("[" + host + "]:0").has_value();
  return host.size() <= 253 && is_alphanumeric(host, ".-_") && host.front() != '.' && host.front() != '-';
}

std::string range(std::uint64_t min, std::uint64_t max, std::string (*print)(std::uint64_t)) {
  return " from " + print(min) + " to " + print(max);
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

std::optional<std::uint64_t> parse_size(std::string_view text) { return parse_with_unit(text, kSizes); }

std::string format_size(std::uint64_t bytes) {
  for (const Unit& unit : std::views::reverse(kSizes))
    if (unit.factor > 1 && bytes >= unit.factor && bytes % unit.factor == 0)
      return std::to_string(bytes / unit.factor) + std::string(unit.name);
  return std::to_string(bytes);
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  const auto count = parse_with_unit(text, kDurations);
  if (!count) return std::nullopt;
  return std::chrono::milliseconds(static_cast<std::int64_t>(*count));
}

namespace values {

bool boolean(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  throw BadValue("must be true or false");
}

std::uint64_t count(std::string_view text, std::uint64_t min, std::uint64_t max) {
  const auto number = parse_with_unit(text, kCount);
  if (!number || *number < min || *number > max)
    throw BadValue("must be a whole number" + range(min, max, std::to_string));
  return *number;
}

std::uint64_t size(std::string_view text, std::uint64_t min, std::uint64_t max) {
  const auto bytes = parse_size(text);
  if (!bytes || *bytes < min || *bytes > max)
    throw BadValue("must be a size such as 64MiB," + range(min, max, format_size));
  return *bytes;
}

std::chrono::milliseconds duration(std::string_view text, std::chrono::milliseconds max) {
  const auto time = parse_duration(text);
  if (!time || *time > max)
    throw BadValue("must be a time with its unit, such as 10s, at most " + std::to_string(max.count() / 1000) + "s");
  return *time;
}

Address address(std::string_view text) {
  const auto parsed = parse_address(text);
  if (!parsed) throw BadValue("must be an IP address and a port, such as 127.0.0.1:7700 or [::1]:7700");
  return *parsed;
}

IpNetwork network(std::string_view text) {
  const auto parsed = IpNetwork::parse(text);
  if (!parsed)
    throw BadValue("must be an address or a network without bits behind its prefix, such as 10.0.0.0/8 or ::1");
  return *parsed;
}

std::filesystem::path path(std::string_view text) {
  if (text.empty() || text.find('\0') != std::string_view::npos) throw BadValue("must be the path of a file");
  return std::filesystem::absolute(std::filesystem::path(text)).lexically_normal();
}

std::string origin(std::string_view text) {
  std::string lower = lower_ascii(text);
  if (lower.ends_with('/')) lower.pop_back();
  const std::size_t scheme = lower.starts_with("https://") ? 8 : lower.starts_with("http://") ? 7 : 0;
  if (scheme == 0 || !is_authority(std::string_view(lower).substr(scheme)))
    throw BadValue("must be a scheme and a host, such as https://nexus.example, without path, query or user");
  return lower;
}

std::string host(std::string_view text) {
  if (!is_authority(text)) throw BadValue("must be a host name, such as nexus.example or nexus.example:8443");
  return lower_ascii(text);
}

std::string database(std::string_view text) {
  const bool is_known = text.empty() || text.starts_with("sqlite:") || is_postgres_address(text);
  if (!is_known || find_control(text) < text.size())
    throw BadValue("must be postgresql://HOST/DATABASE or service=NAME; without it nexus.db in data_dir is the store");
  return std::string(text);
}

std::string bucket(std::string_view text) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.'; };
  const bool ends = !text.empty() && is_alphanumeric(text.front()) && is_alphanumeric(text.back());
  if (text.size() < 3 || text.size() > 63 || !ends || !std::all_of(text.begin(), text.end(), allowed) ||
      text.find("..") != std::string_view::npos) {
    throw BadValue("must be a bucket name: 3 to 63 lower-case letters, digits, dots and hyphens");
  }
  return std::string(text);
}

}  // namespace values
}  // namespace nexus
