// The place of the recorded objects. The rows name objects by bucket and key. In another bucket, or on the other
// backend, every object would be absent and every removal would silently remove nothing. So the place is recorded, and
// a start with another place is refused.
#pragma once
#include <optional>
#include <string>

#include "daemon/config/config.hpp"
#include "store/database.hpp"

namespace nexus::app {

/// One line that names the configured and the recorded place if they differ; nothing if they agree or no object is
/// recorded. In a store without a recorded place, the names of its objects show the bucket.
std::optional<std::string> object_home_fault(const store::Reader& reader, const Config& config);

/// Records the configured place. Throws ConfigError (exit status 2) for a fault as above.
void keep_object_home(store::Database& database, const Config& config);

}  // namespace nexus::app
