// What a database says of itself, for the manifest of its backup and for the judgement of one.
#pragma once
#include "daemon/backup/manifest.hpp"
#include "store/query.hpp"

namespace nexus::backup {

/// A manifest with instance_id, epoch, schema, chains and checkpoint alone. Throws store::Error.
Manifest facts_of(const store::Reader& reader);

}  // namespace nexus::backup
