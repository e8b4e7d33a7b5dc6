// The checks behind the option table.
#include "daemon/config/values.hpp"

#include <algorithm>

#include "daemon/base/text.hpp"
#include "daemon/base/url.hpp"
#include "daemon/config/options.hpp"
#include "daemon/config/units.hpp"

namespace nexus::values {
namespace {

bool is_alnum(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

bool is_authority(std::string_view text) {
  const auto authority = parse_authority(text);
  if (!authority || authority->port == 0) return false;
  const std::string& host = authority->host;
  if (authority->bracketed) return parse_address("[" + host + "]:0").has_value();
  return host.size() <= 253 && host.front() != '.' && host.front() != '-' &&
         std::all_of(host.begin(), host.end(), [](char c) { return is_alnum(c) || c == '.' || c == '-' || c == '_'; });
}

std::string range(std::uint64_t min, std::uint64_t max, std::string (*print)(std::uint64_t)) {
  return " from " + print(min) + " to " + print(max);
}

std::string plain(std::uint64_t number) { return std::to_string(number); }

}  // namespace

bool boolean(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  throw BadValue("must be true or false");
}

std::uint64_t count(std::string_view text, std::uint64_t min, std::uint64_t max) {
  const auto number = parse_count(text);
  if (!number || *number < min || *number > max) throw BadValue("must be a whole number" + range(min, max, plain));
  return *number;
}

std::uint64_t size(std::string_view text, std::uint64_t min, std::uint64_t max) {
  const auto bytes = parse_size(text);
  if (!bytes || *bytes < min || *bytes > max) {
    throw BadValue("must be a size such as 64MiB," + range(min, max, format_size));
  }
  return *bytes;
}

std::chrono::milliseconds duration(std::string_view text, std::chrono::milliseconds max) {
  const auto time = parse_duration(text);
  if (!time || *time > max) {
    throw BadValue("must be a time with its unit, such as 10s, at most " + std::to_string(max.count() / 1000) + "s");
  }
  return *time;
}

Address address(std::string_view text) {
  const auto parsed = parse_address(text);
  if (!parsed) throw BadValue("must be an IP address and a port, such as 127.0.0.1:7700 or [::1]:7700");
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
  if (scheme == 0 || !is_authority(std::string_view(lower).substr(scheme))) {
    throw BadValue("must be a scheme and a host, such as https://nexus.example, without path, query or user");
  }
  return lower;
}

std::string host(std::string_view text) {
  if (!is_authority(text)) throw BadValue("must be a host name, such as nexus.example or nexus.example:8443");
  return lower_ascii(text);
}

std::string bucket(std::string_view text) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.'; };
  const bool ends = !text.empty() && is_alnum(text.front()) && is_alnum(text.back());
  if (text.size() < 3 || text.size() > 63 || !ends || !std::all_of(text.begin(), text.end(), allowed) ||
      text.find("..") != std::string_view::npos) {
    throw BadValue("must be a bucket name: 3 to 63 lower-case letters, digits, dots and hyphens");
  }
  return std::string(text);
}

}  // namespace nexus::values
