// The address of a daemon, as people give it.
#pragma once
#include <string_view>

#include "daemon/base/url.hpp"

namespace nexus::cli {

/// A URL without query; slashes at its end are removed. Throws a usage error naming `source`.
Url parse_address(std::string_view text, std::string_view source);

}  // namespace nexus::cli
