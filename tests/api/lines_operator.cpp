// The routes of operators as literal lines.
#include "tests/api/lines.hpp"
#include "tests/support/databases.hpp"

namespace nexus::test {

Lines operator_lines() {
  Line backup = {"POST /backup", "system", "backup_create", "audited", 200, just("/backup")};
  if (is_on_postgres()) {
    backup.success = 409;
    backup.refusal = "backup.elsewhere";
  }
  return {
      std::move(backup),
      {"GET /doctor", "system", "doctor_read", "none", 200, just("/doctor")},
  };
}

}  // namespace nexus::test
