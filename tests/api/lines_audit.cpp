// The audit log's routes as literal lines.
#include "tests/api/lines.hpp"

namespace nexus::test {
namespace {

/// A row that is there, in this tenant and env.
std::string some_row(const Stage& stage) {
  World& world = stage.world;
  const Answer answer =
      world.call("POST", "/audit/checkpoint", World::in(stage.tenant.owner, stage.tenant.id, stage.env));
  return answer.header("nexus-audit-seq");
}

}  // namespace

Lines audit_lines() {
  return {
      {"GET /audit", "admin", "audit_read", "read", 200, just("/audit")},
      {"GET /audit/{seq}", "admin", "audit_read", "read", 200,
       [](const Stage& stage) { return Filled{"/audit/" + some_row(stage)}; }},
      {"GET /audit/verify", "admin", "audit_read", "read", 200, just("/audit/verify")},
      {"GET /audit/export", "admin", "audit_read", "read", 200, just("/audit/export")},
      {"POST /audit/checkpoint", "admin", "audit_checkpoint", "audited", 201, just("/audit/checkpoint")},
      {"POST /audit/{seq}/erase", "owner", "audit_erase", "control", 200,
       [](const Stage& stage) {
         return json("/audit/" + some_row(stage) + "/erase", {{"reason", "a sweep"}});
       }},
  };
}

}  // namespace nexus::test
