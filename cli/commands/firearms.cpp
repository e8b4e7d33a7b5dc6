// nexusctl firearms: which actions are dangerous, and who is licensed for them.
#include "cli/engine/model_options.hpp"
#include "daemon/firearms/licence.hpp"

namespace nexus::cli {
namespace {

constexpr int kNotAllowed = 1;  // a negative answer, not a failure

const Shape kLicenceShape = {"licence_id",
                             {"licence_id", "subject_type", "subject_id", "scope", "level", "expires_at", "status"}};
const Shape kCheckShape = {"licence_id", {"allowed", "level", "licence_id"}};
const Shape kDangerShape = {"action", {"action", "level"}};

constexpr const char* kDangers = "/firearms/dangerous-actions";
constexpr const char* kOneLicence = "/firearms/licences/{LICENCE_ID}";

int run_firearms_check(Session& session, const Values& values) {
  const Json verdict =
      session
          .call(request_of({.path = "/firearms/check"}, session, values, {"ACTION", "--subject-type", "--subject-id"}))
          .json;
  session.print_record(verdict, kCheckShape);
  return value_at(verdict, "allowed") == true ? 0 : kNotAllowed;
}

Json danger_of(const Values& values) { return {{values.text("ACTION"), values.text("LEVEL")}}; }

constexpr const char* kFirearmsDescription = R"(
Some actions are dangerous: `dangerous_tool_use` needs a licence of level `medium`, `agent_autonomy_high` and
`publish_sensitive` need one of level `high`, and a tenant can declare more. Whoever does such an action needs an
active licence of at least its level, and so does the subject that `gate check` names. A user's licence is good for
every token of that user; an agent's licence is good only for tokens of type agent. The system token needs one, too:
type `user`, id `system`.

Admins and owners issue, revoke and declare; everybody reads.)";

}  // namespace

Command firearms_command() {
  const Parameter licence_id = argument("LICENCE_ID", "the licence");
  const Parameter level = one_of({"low", "medium", "high"}, argument("LEVEL", "low, medium or high"));
  return {
      .name = "firearms",
      .topic = Topic::decide,
      .summary = "dangerous actions and the licences for them",
      .description = kFirearmsDescription,
      .see_also = "nexusctl-gate(1), nexusctl-kill(1), nexusctl-lock(1)",
      .example = "nexusctl firearms issue user USER_ID high --scope publish_sensitive",
      .commands = {
          creates({.name = "issue",
                   .summary = "license a subject for dangerous actions up to a level",
                   .example = "nexusctl firearms issue user USER_ID high --scope publish_sensitive"},
                  model::specs_of<firearms::kLicence>, {.method = "POST", .path = "/firearms/licences"}, kLicenceShape,
                  {{"subject_type", "SUBJECT_TYPE"}, {"subject_id", "SUBJECT_ID"}, {"level", "LEVEL"}},
                  {one_of({"agent", "tool", "surface", "app", "user"},
                          argument("SUBJECT_TYPE", "agent, tool, surface, app or user")),
                   argument("SUBJECT_ID", "whom it is for"), level}),
          list_command("list", "list licences, newest first", "nexusctl firearms list --all",
                       {.path = "/firearms/licences"}, kLicenceShape),
          show_command("show one licence", "nexusctl firearms show LICENCE_ID", {.path = kOneLicence}, kLicenceShape,
                       {licence_id}),
          {.name = "revoke",
           .summary = "end a licence, at once and for good",
           .description = "It needs no strategy lock.",
           .example = "nexusctl firearms revoke LICENCE_ID",
           .parameters = {licence_id},
           .run = sends({.method = "PATCH", .path = kOneLicence, .body = Json{{"status", "revoked"}}}, kLicenceShape)},
          {.name = "check",
           .summary = "ask whether a subject, or else you, is licensed for an action",
           .exit_status = "`firearms check` exits with 1 when the answer is no.",
           .example = "nexusctl firearms check publish_sensitive\n"
                      "nexusctl firearms check publish_sensitive --subject-type user --subject-id USER_ID",
           .parameters = {argument("ACTION", "a dangerous action"),
                          option("--subject-type", "TYPE", "with --subject-id"),
                          option("--subject-id", "ID", "with --subject-type")},
           .run = run_firearms_check},
          {.name = "actions",
           .summary = "list the dangerous actions",
           .example = "nexusctl firearms actions",
           .run = sends_map({.path = kDangers}, kDangerShape)},
          {.name = "declare",
           .summary = "declare an action dangerous, or raise its level; it is never lowered",
           .example = "nexusctl firearms declare send_newsletter medium",
           .parameters = {argument("ACTION", "such as send_newsletter"), level},
           .run = sends_map({.method = "PUT", .path = kDangers}, kDangerShape, danger_of)},
      }};
}

}  // namespace nexus::cli
