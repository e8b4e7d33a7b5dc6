// The role under which a daemon serves, when it is not the owner of the tables: it may do what serving takes, and
// cannot change or delete an audit row, nor a table. Whoever took the daemon over could then still add rows, and not
// rewrite what is there.
#pragma once
#include <string>
#include <vector>

#include "store/postgres/audit_ways.hpp"
#include "store/postgres/link.hpp"
#include "store/query.hpp"

namespace nexus::store {

/// Grants the role all that serving takes, and takes back what it had beside; then asks the server what the role may
/// do. For the owner of the tables, after each migration. Throws SchemaError, one line for the operator, for a role
/// that is not there, for one that no grant can bind (a superuser, or a member of the owner), and for one that lacks
/// something afterwards, or can change audit rows all the same: what was granted to that one stays.
void grant_serving(Link& link, const std::string& role);

struct RoleRights {
  std::string role;
  std::vector<AuditWay> audit_ways;  // by which it may delete audit rows, or change more of them than an erasure does
  std::vector<std::string> missing;  // what serving takes and it has not: `UPDATE on cards`
};
/// Of the role that reads.
RoleRights read_rights(const Reader& reader);

/// Throws SchemaError, which begins with `problem`, unless our role may change the schema.
void require_owner(const Reader& reader, const std::string& problem);

}  // namespace nexus::store
