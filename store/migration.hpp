// One step of the schema's history, of either engine.
#pragma once

namespace nexus::store {

struct Migration {
  int version;
  const char* name;
  const char* sql;  // statements only: no BEGIN, no COMMIT
};

struct MigrationReport {
  int version_before = 0;
  int version_after = 0;
};

}  // namespace nexus::store
