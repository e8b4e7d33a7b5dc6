// UUIDs of RFC 9562: version 7 for everything the daemon names (sortable by time of making).
#pragma once
#include <string>
#include <string_view>

namespace nexus {

/// A new UUIDv7 in lower-case text; strictly increasing within the process.
std::string uuid_v7();

/// Canonical lower-case 8-4-4-4-12 text of any version.
bool is_uuid(std::string_view text);

}  // namespace nexus
