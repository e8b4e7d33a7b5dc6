// nexusctl lock: strategy locks. An approval is bound to the version that was read: the lock is shown first, and the
// approval is valid for that version alone.
#include "daemon/strategy_locks/lock.hpp"
#include "cli/commands/actions.hpp"
#include "cli/engine/model_options.hpp"
#include "daemon/base/nearest.hpp"

namespace nexus::cli {
namespace {

const Shape kLockShape = {"lock_id",
                          {"lock_id", "title", "surface", "scope", "allowed_actions", "three_wise_id", "valid_until",
                           "status", "created_by"}};

/// Shows the terms that wait for approval too: the approver must see them.
const Shape kLockRecord = {"lock_id",
                           {"lock_id", "title", "surface", "scope", "allowed_actions", "three_wise_id", "valid_from",
                            "valid_until", "status", "created_by", "draft"}};

constexpr const char* kOneLock = "/strategy-locks/{LOCK_ID}";
constexpr auto& kLockFields = model::specs_of<strategy_locks::kLock>;

/// A misspelt action makes a lock that allows nothing of the daemon. Acts outside have names of their own, so only
/// names close to an action of the daemon get a remark.
void remark_on_misspelt(Session& session, const Values& values) {
  const auto& allowed = values.list("--allow");
  if (allowed.empty() || session.prints_curl()) return;
  const auto actions = actions_of_daemon(session, true);
  std::vector<std::string> names;
  for (const auto& [name, action] : actions) names.push_back(name);
  for (const auto& action : allowed) {
    if (action == "*" || actions.contains(action)) continue;
    if (const auto near = nearest(action, names))
      session.warn("no route of the daemon has the action " + action + "; did you mean " + *near + "?");
  }
}

int send_lock(Session& session, const Values& values, ApiRequest request, Json body) {
  if (const auto question = values.find("--three-wise")) body["three_wise_id"] = *question;
  if (const auto& actions = values.list("--allow"); !actions.empty()) body["allowed_actions"] = actions;
  if (body.empty()) throw usage_error("nothing to change was given");
  remark_on_misspelt(session, values);
  request.body = std::move(body);
  session.print_answer(session.call(request_of(std::move(request), session, values)), kLockRecord);
  return 0;
}

int run_lock_create(Session& session, const Values& values) {
  Json body =
      body_of(values, kLockFields, Options::create, {{"title", "TITLE"}, "scope", "allowed_actions", "three_wise_id"});
  body["scope"] = values.find("--scope").value_or("other");
  if (!values.given("--allow")) throw usage_error("--allow names what the lock allows");
  return send_lock(session, values, {.method = "POST", .path = "/strategy-locks"}, std::move(body));
}

int run_lock_edit(Session& session, const Values& values) {
  Json body = body_of(values, kLockFields, Options::edit, {"surface", "allowed_actions", "three_wise_id"});
  if (const auto surface = values.find("--surface")) body["surface"] = *surface;
  if (values.given("--all-surfaces")) {
    if (values.given("--surface")) throw usage_error("--surface and --all-surfaces exclude each other");
    body["surface"] = nullptr;
  }
  if (values.given("--no-three-wise")) {
    if (values.given("--three-wise")) throw usage_error("--three-wise and --no-three-wise exclude each other");
    body["three_wise_id"] = nullptr;
  }
  return send_lock(session, values, {.method = "PATCH", .path = kOneLock}, std::move(body));
}

Handler decide(const std::string& verb) {
  return [verb](Session& session, const Values& values) {
    const std::string path = path_of(kOneLock, session, values);
    const Answer seen = session.call({.path = path, .preliminary = true});
    ApiRequest request = {.method = "POST", .path = path + "/" + verb};
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

}  // namespace

Command lock_command() {
  const Parameter lock_id = argument("LOCK_ID", "the lock");
  const Parameter allow = repeated_option("--allow", "ACTION", "an action that it allows; * is every one");
  const Parameter question = option("--three-wise", "QUESTION_ID", "good only while the three wise approve");
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
               .parameters = options_of(
                   kLockFields, Options::create, {"title", "scope", "allowed_actions", "three_wise_id"},
                   {one_of({"campaign", "budget", "kpi_corridor", "code_deploy", "app_toggle", "other"},
                           option("--scope", "SCOPE",
                                  "campaign, budget, kpi_corridor, code_deploy, app_toggle or other (other)")),
                    allow, question, argument("TITLE", "what people call it")}),
               .run = run_lock_create},
              list_command("list", "list locks, newest first", "nexusctl lock list --all", {.path = "/strategy-locks"},
                           kLockShape),
              show_command("show one lock", "nexusctl lock show LOCK_ID", {.path = kOneLock}, kLockRecord, {lock_id}),
              {.name = "edit",
               .summary = "change a draft; of an approved lock, make a draft version that waits beside it",
               .description = "What is not named stays as it is. --allow replaces all actions that the lock allowed.",
               .example = "nexusctl lock edit LOCK_ID --allow card_create --allow card_delete",
               .parameters = options_of(kLockFields, Options::edit, {"surface", "allowed_actions", "three_wise_id"},
                                        {option("--surface", "SURFACE", "the one surface it serves"),
                                         flag("--all-surfaces", "let it serve every surface"), allow, question,
                                         flag("--no-three-wise", "let it need no verdict"), lock_id}),
               .run = run_lock_edit},
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
