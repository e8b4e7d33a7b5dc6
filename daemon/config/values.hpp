// Converts the text of an option to its typed value. Every function throws BadValue, which says what the value must be.
#pragma once
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "daemon/config/address.hpp"

namespace nexus::values {

bool boolean(std::string_view text);  ///< `true` or `false`
std::uint64_t count(std::string_view text, std::uint64_t min, std::uint64_t max);
std::uint64_t size(std::string_view text, std::uint64_t min, std::uint64_t max);
std::chrono::milliseconds duration(std::string_view text, std::chrono::milliseconds max);
Address address(std::string_view text);
std::filesystem::path path(std::string_view text);  ///< not empty; made absolute
std::string origin(std::string_view text);          ///< `https://host[:port]`, lower case, without a final slash
std::string host(std::string_view text);            ///< `host` or `host:port`, lower case
std::string bucket(std::string_view text);          ///< an S3 bucket name

}  // namespace nexus::values
