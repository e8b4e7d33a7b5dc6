// UUIDs of RFC 9562: version 7 for everything the daemon names (sortable by time of making), version 8 for what is
// named by its digest.
#pragma once
#include <string>
#include <string_view>

#include "daemon/base/crypto.hpp"

namespace nexus {

/// A new UUIDv7 in lower-case text; strictly increasing within the process.
std::string uuid_v7();

/// The first 16 bytes of a digest as a UUIDv8.
std::string uuid_v8(const Digest& digest);

/// Canonical lower-case 8-4-4-4-12 text of any version.
bool is_uuid(std::string_view text);

}  // namespace nexus
