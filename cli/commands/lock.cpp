// nexusctl lock: strategy locks. Approving goes by what was read: the lock is shown first, and the approval is only
// good for that version of it.
#include "cli/commands/actions.hpp"
#include "cli/engine/command.hpp"
#include "cli/engine/failure.hpp"
#include "cli/engine/listing.hpp"
#include "cli/engine/session.hpp"
#include "daemon/base/nearest.hpp"

namespace nexus::cli {
namespace {

const Shape kLockShape = {"lock_id",
                          {"lock_id", "title", "surface", "scope", "allowed_actions", "three_wise_id", "valid_until",
                           "status", "created_by"}};

/// With what waits for its approval: who approves must see it.
const Shape kLockRecord = {"lock_id",
                           {"lock_id", "title", "surface", "scope", "allowed_actions", "three_wise_id", "valid_from",
                            "valid_until", "status", "created_by", "draft"}};

std::string lock_path(const Values& values) { return "/strategy-locks/" + segment(values.text("LOCK_ID")); }

/// The fields that options name, under the names of the API.
Json lock_fields_of(const Values& values) {
  Json body = Json::object();
  for (const auto& [option, field] :
       {std::pair{"--surface", "surface"}, std::pair{"--scope", "scope"}, std::pair{"--description", "description"},
        std::pair{"--three-wise", "three_wise_id"}, std::pair{"--valid-from", "valid_from"},
        std::pair{"--valid-until", "valid_until"}})
    if (const auto value = values.find(option)) body[field] = *value;
  if (const auto constraints = values.find("--constraints")) {
    try {
      body["constraints"] = parse_json(*constraints);
    } catch (const JsonError&) {
      throw usage_error("--constraints must be a JSON object");
    }
  }
  if (const auto& actions = values.list("--allow"); !actions.empty()) body["allowed_actions"] = actions;
  return body;
}

/// A misspelt action makes a lock that allows nothing of the daemon. Acts outside have names of their own: only what is
/// near an action of the daemon is remarked on.
void remark_on_misspelt(Session& session, const Values& values) {
  const auto& allowed = values.list("--allow");
  if (allowed.empty() || session.prints_curl()) return;
  const auto actions = actions_of_daemon(session);
  std::vector<std::string> names;
  for (const auto& [name, action] : actions) names.push_back(name);
  for (const auto& action : allowed) {
    if (action == "*" || actions.contains(action)) continue;
    if (const auto near = nearest(action, names))
      session.warn("no route of the daemon has the action " + action + "; did you mean " + *near + "?");
  }
}

int run_lock_create(Session& session, const Values& values) {
  Json body = lock_fields_of(values);
  body["title"] = values.text("TITLE");
  if (!body.contains("scope")) body["scope"] = "other";
  if (!body.contains("allowed_actions")) throw usage_error("--allow names what the lock allows");
  remark_on_misspelt(session, values);
  session.print_answer(session.call({.method = "POST", .path = "/strategy-locks", .body = std::move(body)}),
                       kLockRecord);
  return 0;
}

int run_lock_edit(Session& session, const Values& values) {
  Json body = lock_fields_of(values);
  if (const auto title = values.find("--title")) body["title"] = *title;
  if (values.given("--all-surfaces")) body["surface"] = nullptr;
  if (body.empty()) throw usage_error("nothing to change was given");
  remark_on_misspelt(session, values);
  session.print_answer(session.call({.method = "PATCH", .path = lock_path(values), .body = std::move(body)}),
                       kLockRecord);
  return 0;
}

int run_lock_list(Session& session, const Values& values) {
  return print_pages(session, values, {.path = "/strategy-locks"}, kLockShape);
}

int run_lock_show(Session& session, const Values& values) {
  session.print_record(session.call({.path = lock_path(values)}).json, kLockRecord);
  return 0;
}

std::function<int(Session&, const Values&)> decide(const std::string& verb) {
  return [verb](Session& session, const Values& values) {
    const Answer seen = session.call({.path = lock_path(values), .preliminary = true});
    ApiRequest request = {.method = "POST", .path = lock_path(values) + "/" + verb};
    if (const std::string tag = seen.http.header("etag"); !tag.empty()) request.headers = {{"If-Match", tag}};
    session.print_answer(session.call(request), kLockRecord);
    return 0;
  };
}

constexpr const char* kLockDescription = R"(
In a strict env (staging and prod) every change needs an approved lock that is valid now, serves its surface or all
surfaces, and allows the action. In dev a change needs one only once such a lock is in force. One good lock suffices.
Members make locks and edit drafts of their own; everything else on a lock is for admins and owners. In staging and
prod the approver is neither the creator nor anybody who edited the lock since its last approval.

An edit of an approved lock makes a draft version beside it: what was approved stays in force until the draft is
approved, and a rejection drops only the draft. A rejected lock stays rejected. At most 256 approved locks are in
force in a tenant and env.)";

constexpr const char* kApproveDescription = R"(
It reads the lock first; the daemon refuses the approval when somebody edits the lock in between.)";

std::vector<Parameter> field_parameters() {
  return {option("--surface", "SURFACE", "the one surface it serves (all of them)"),
          option("--scope", "SCOPE", "campaign, budget, kpi_corridor, code_deploy, app_toggle or other (other)"),
          repeated_option("--allow", "ACTION", "an action that it allows; * is every one"),
          option("--description", "TEXT", "what it is about"),
          option("--constraints", "JSON", "an object of your own"),
          option("--three-wise", "QUESTION_ID", "good only while the three wise approve"),
          option("--valid-from", "TIME", "not before, as 2026-12-01T00:00:00Z"),
          option("--valid-until", "TIME", "no longer than that")};
}

Command lock_edit() {
  std::vector<Parameter> parameters = field_parameters();
  parameters[0].help = "the one surface it serves";
  parameters[1].help = "campaign, budget, kpi_corridor, code_deploy, app_toggle or other";
  parameters.push_back(flag("--all-surfaces", "let it serve every surface"));
  parameters.push_back(option("--title", "TITLE", "its new title"));
  parameters.push_back(argument("LOCK_ID", "the lock"));
  return {.name = "edit",
          .summary = "change a draft; of an approved lock, make a draft version that waits beside it",
          .description = "What is not named stays as it is. --allow replaces all actions that the lock allowed.",
          .example = "nexusctl lock edit LOCK_ID --allow card_create --allow card_delete",
          .parameters = std::move(parameters),
          .run = run_lock_edit};
}

}  // namespace

Command lock_command() {
  const Parameter lock_id = argument("LOCK_ID", "the lock");
  std::vector<Parameter> create = field_parameters();
  create.push_back(argument("TITLE", "what people call it"));
  return {.name = "lock",
          .topic = Topic::decide,
          .summary = "strategy locks: what may be done, once somebody else agreed",
          .description = kLockDescription,
          .see_also = "nexusctl-gate(1), nexusctl-three-wise(1)",
          .example = "nexusctl lock create 'Spring launch' --surface cards --allow card_create",
          .commands = {
              {.name = "create",
               .summary = "make a lock, as a draft",
               .example = "nexusctl lock create 'Spring launch' --surface cards --allow card_create",
               .parameters = std::move(create),
               .run = run_lock_create},
              {.name = "list",
               .summary = "list locks, newest first",
               .example = "nexusctl lock list --all",
               .parameters = list_parameters(),
               .run = run_lock_list},
              {.name = "show",
               .summary = "show one lock",
               .example = "nexusctl lock show LOCK_ID",
               .parameters = {lock_id},
               .run = run_lock_show},
              lock_edit(),
              {.name = "approve",
               .summary = "approve a draft, or the draft version of an approved lock",
               .description = kApproveDescription,
               .example = "nexusctl lock approve LOCK_ID",
               .parameters = {lock_id},
               .run = decide("approve")},
              {.name = "reject",
               .summary = "reject a draft, for good, or drop the draft version of an approved lock",
               .example = "nexusctl lock reject LOCK_ID",
               .parameters = {lock_id},
               .run = decide("reject")},
          }};
}

}  // namespace nexus::cli
