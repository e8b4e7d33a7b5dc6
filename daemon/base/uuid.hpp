// UUIDs of RFC 9562: version 7 for what is kept and listed (sortable by its millisecond), version 4 for requests,
// version 8 for what is named by its digest.
//
// No id holds a counter that all share: who sees the ids of his own things would read from it how many others were made
// in between.
#pragma once
#include <string>
#include <string_view>

#include "daemon/base/crypto.hpp"
#include "daemon/base/ids.hpp"

namespace nexus {

/// A new UUIDv7 in lower-case text: 74 random bits behind the millisecond.
std::string uuid_v7();

/// The same for a thing of this tenant's, above all that were made for it before: newest first is so within one
/// millisecond too, and the ids of one batch rise. From any thread.
std::string new_id(const TenantId& tenant);

/// Random throughout.
std::string uuid_v4();

/// The first 16 bytes of a digest as a UUIDv8.
std::string uuid_v8(const Digest& digest);

/// Canonical lower-case 8-4-4-4-12 text of any version.
bool is_uuid(std::string_view text);

}  // namespace nexus
