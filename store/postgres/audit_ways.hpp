// By which ways a role could change or delete audit rows. The server is asked, which also sees what comes by PUBLIC and
// by membership in another role, with SET ROLE too.
#pragma once
#include <string>
#include <vector>

#include "store/query.hpp"

namespace nexus::store {

struct AuditWay {
  std::string way;     // `is a member of nexus, which owns audit_rows`
  std::string remedy;  // a statement that takes it away: `REVOKE nexus FROM serving`
};
/// Of the role of that name; empty where it can neither change nor delete one, but for the column that an erasure
/// empties. All tables are there.
std::vector<AuditWay> find_audit_ways(const Reader& reader, const std::string& role);
/// One line for people: each way, and what takes it away.
std::string text_of(const std::vector<AuditWay>& ways);

}  // namespace nexus::store
