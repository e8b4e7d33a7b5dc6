// The daemon put together, for what asks it without serving.
#pragma once
#include <string>

#include "daemon/config/config.hpp"

namespace nexus::app {

/// What a daemon with this configuration answers at /openapi.json. It opens no data directory but one of its own, which
/// is removed, and no port. Throws as a start does.
std::string openapi_document(Config config);

}  // namespace nexus::app
