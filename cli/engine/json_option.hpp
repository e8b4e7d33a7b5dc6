// Options whose value is a JSON object.
#pragma once
#include <string>

#include "daemon/base/json.hpp"

namespace nexus::cli {

/// Returns the object. Otherwise throws a usage error that names the option.
Json json_object(const std::string& text, const std::string& option_name);

}  // namespace nexus::cli
