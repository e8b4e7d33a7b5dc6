// A row of the audit log as clients see it, on every route and on the live tail.
#pragma once
#include "daemon/base/json.hpp"
#include "store/audit_log.hpp"

namespace nexus::domain {

Json audit_row_json(const store::AuditRow& row);
Json audit_row_schema();

}  // namespace nexus::domain
