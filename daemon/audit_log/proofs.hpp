// The whole audit log of a chain, exported and verified page by page.
#pragma once
#include "daemon/audit/checkpoints.hpp"
#include "daemon/http/route.hpp"
#include "store/audit_log.hpp"

namespace nexus::audit_log {

/// Both must outlive the routes: an export reads page by page long after its handler returned.
struct AuditServices {
  store::Database& database;
  audit::Checkpoints& checkpoints;
};

/// The whole log of a chain, read page by page with one snapshot each: as NDJSON, and as the verdict over it.
http::Reply audit_export(const AuditServices& services, const Caller& caller);
http::Reply audit_verdict(const AuditServices& services, const Caller& caller);
Json audit_verdict_schema();

}  // namespace nexus::audit_log
