// Lines of what licences, locks and the three wise allow.
#include "tests/api/lines.hpp"

namespace nexus::test {
namespace {

/// Made by the system token, which passes where a strict env asks for a lock first.
std::string new_licence(const Stage& stage) {
  const Answer made =
      stage.world.call("POST", "/firearms/licences", World::in(stage.world.root(), stage.tenant.id, stage.env),
                       Json{{"subject_type", "tool"}, {"subject_id", "sweep"}, {"level", "low"}});
  return made.json.at("licence_id");
}

/// Somebody of the tenant who is not the one who asks: nobody answers or approves himself.
const Person& somebody_else(const Stage& stage) {
  return stage.who.id == stage.tenant.member.id ? stage.tenant.owner : stage.tenant.member;
}

/// Of a surface of its own: an approved lock of no surface would ask every other route of the tenant for one.
Json lock_body() {
  return {{"surface", "swept_locks"}, {"scope", "other"}, {"title", "swept"}, {"allowed_actions", {"swept_action"}}};
}

std::string lock_of(const Stage& stage, const Person& maker) {
  const Answer made =
      stage.world.call("POST", "/strategy-locks", World::in(maker, stage.tenant.id, stage.env), lock_body());
  return made.json.at("lock_id");
}

std::string new_lock(const Stage& stage) { return lock_of(stage, somebody_else(stage)); }

/// A member edits what he made himself.
std::string lock_to_edit(const Stage& stage) {
  return lock_of(stage, stage.who.id == stage.tenant.member.id ? stage.tenant.member : stage.tenant.owner);
}

std::string new_question(const Stage& stage) {
  const Answer made =
      stage.world.call("POST", "/three-wise/questions", World::in(somebody_else(stage), stage.tenant.id, stage.env),
                       Json{{"question", "swept?"}});
  return made.json.at("question_id");
}

Fill of_licence() {
  return [](const Stage& stage) { return Filled{"/firearms/licences/" + new_licence(stage)}; };
}

Fill of_lock(const std::string& rest) {
  return [rest](const Stage& stage) { return Filled{"/strategy-locks/" + new_lock(stage) + rest}; };
}

}  // namespace

Lines approval_lines() {
  return {
      {"POST /firearms/licences", "admin", "firearms_issue", "control", 201,
       [](const Stage&) {
         return json("/firearms/licences", {{"subject_type", "tool"}, {"subject_id", "sweep"}, {"level", "low"}});
       }},
      {"GET /firearms/licences", "viewer", "firearms_read", "read", 200, just("/firearms/licences")},
      {"GET /firearms/licences/{licence_id}", "viewer", "firearms_read", "read", 200, of_licence()},
      {"PATCH /firearms/licences/{licence_id}", "admin", "firearms_revoke", "control", 200,
       [](const Stage& stage) {
         return json("/firearms/licences/" + new_licence(stage), {{"status", "revoked"}});
       }},
      {"GET /firearms/check", "viewer", "firearms_read", "read", 200, just("/firearms/check?action=publish_sensitive")},
      {"GET /firearms/dangerous-actions", "viewer", "firearms_read", "read", 200, just("/firearms/dangerous-actions")},
      {"PUT /firearms/dangerous-actions", "admin", "firearms_update", "control", 200,
       [](const Stage&) {
         return json("/firearms/dangerous-actions", {{"swept_action", "low"}});
       }},
      {"POST /strategy-locks", "member", "lock_create", "audited", 201,
       [](const Stage&) { return json("/strategy-locks", lock_body()); }},
      {"GET /strategy-locks", "viewer", "lock_read", "read", 200, just("/strategy-locks")},
      {"GET /strategy-locks/{lock_id}", "viewer", "lock_read", "read", 200, of_lock("")},
      {"PATCH /strategy-locks/{lock_id}", "member", "lock_update", "audited", 200,
       [](const Stage& stage) {
         return json("/strategy-locks/" + lock_to_edit(stage), {{"title", "swept again"}});
       }},
      {"POST /strategy-locks/{lock_id}/approve", "admin", "lock_approve", "audited", 200, of_lock("/approve")},
      {"POST /strategy-locks/{lock_id}/reject", "admin", "lock_reject", "audited", 200, of_lock("/reject")},
      {"POST /three-wise/questions", "member", "three_wise_ask", "audited", 201,
       [](const Stage&) {
         return json("/three-wise/questions", {{"question", "swept?"}});
       }},
      {"GET /three-wise/questions", "viewer", "three_wise_read", "read", 200, just("/three-wise/questions")},
      {"GET /three-wise/questions/{question_id}", "viewer", "three_wise_read", "read", 200,
       [](const Stage& stage) { return Filled{"/three-wise/questions/" + new_question(stage)}; }},
      {"POST /three-wise/questions/{question_id}/opinions", "member", "three_wise_opine", "audited", 201,
       [](const Stage& stage) {
         return json("/three-wise/questions/" + new_question(stage) + "/opinions",
                     {{"verdict", "APPROVE"}, {"content", "swept"}});
       }},
  };
}

}  // namespace nexus::test
