// The routes of operators as literal lines.
#include "tests/api/lines.hpp"

namespace nexus::test {

Lines operator_lines() {
  return {
      {"POST /backup", "system", "backup_create", "audited", 200, just("/backup")},
      {"GET /doctor", "system", "doctor_read", "none", 200, just("/doctor")},
  };
}

}  // namespace nexus::test
