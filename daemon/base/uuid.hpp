// UUIDs of RFC 9562: version 7 for stored objects (sortable by millisecond), version 4 for requests, version 8 for
// objects named by their digest.
//
// No id contains a global counter: a client could read from its own ids how many others were made in between.
#pragma once
#include <string>
#include <string_view>

#include "daemon/base/crypto.hpp"
#include "daemon/base/ids.hpp"

namespace nexus {

/// A new UUIDv7 in lower-case text: 74 random bits behind the millisecond.
std::string uuid_v7();

/// The same for an object of this tenant, greater than all its earlier ids, so that ids also sort within one
/// millisecond and within a batch. Threads: any.
std::string new_id(const TenantId& tenant);

/// Random throughout.
std::string uuid_v4();

/// The first 16 bytes of a digest as a UUIDv8.
std::string uuid_v8(const Digest& digest);

/// Canonical lower-case 8-4-4-4-12 text of any version.
bool is_uuid(std::string_view text);

}  // namespace nexus
