// Where the objects on record lie. The rows name objects by bucket and key; in another bucket, or on the other backend,
// every one of them would be absent and every removal would remove nothing, in silence. So the place is remembered, and
// a start that would look elsewhere is refused.
#pragma once
#include <optional>
#include <string>

#include "daemon/config/config.hpp"
#include "store/database.hpp"

namespace nexus::app {

/// What is wrong with the configured place, in one line that names both; nothing when no object is on record, or when
/// they lie there. Of a store that remembers nothing yet, the names of its objects tell the bucket.
std::optional<std::string> object_home_fault(const store::Reader& reader, const Config& config);

/// Remembers the configured place. Throws ConfigError (exit status 2) for a fault as above.
void keep_object_home(store::Database& database, const Config& config);

}  // namespace nexus::app
