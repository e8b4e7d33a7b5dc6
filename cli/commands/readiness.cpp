// nexusctl readiness: the production checklist against a running daemon, each item proved by live requests in a tenant
// of its own.
#include "cli/commands/readiness_items.hpp"
#include "cli/commands/readiness_stage.hpp"
#include "cli/commands/route_table.hpp"
#include "cli/commands/system_token.hpp"
#include "cli/engine/escape.hpp"

namespace nexus::cli {
namespace readiness {

std::vector<Item> items() {
  return {{"rails", "WebSocket and SSE refuse strangers", rails_refuse_strangers},
          {"no_token", "every route refuses a request without token", routes_refuse_no_token},
          {"wrong_tenant", "every route refuses a token of no member", routes_refuse_the_wrong_tenant},
          {"wrong_env", "every route refuses the wrong env", routes_refuse_the_wrong_env},
          {"raw_keys", "presign and register keys are prefixed, others are refused", raw_keys_are_prefixed},
          {"media_keys", "media and canvas keys are prefixed, others are refused", media_keys_are_prefixed},
          {"prod_storage", "env prod has no local fallback", prod_has_no_local_storage},
          {"audit_wired", "a change leaves the row of its receipt", audit_is_wired},
          {"audit_traced", "request id and trace id lead to the row", audit_is_traced},
          {"audit_verifies", "the audit chain verifies", audit_verifies},
          {"gates", "the gates run in order", gates_run_in_order},
          {"temperature", "the temperature configuration is closed to strangers", temperature_is_closed},
          {"chat", "chat over HTTP is closed to strangers", chat_is_closed},
          {"t_unknown", "t_unknown is accepted nowhere", unknown_tenant_is_nowhere}};
}

namespace {

struct Result {
  bool passed = false;
  int requests = 0;
  std::string evidence;                // or what was otherwise
  std::optional<Failure> unreachable;  // no daemon answers any more
};

/// A single answer that does not come is a finding; a daemon that is gone ends the walk.
bool lives(Walk& walk) {
  try {
    walk.ask({.path = "/livez"}, {"", "", ""});
    return true;
  } catch (const Failure&) {
    return false;
  }
}

Result tried(Walk& walk, const Item& item) {
  Result result;
  walk.requests = 0;
  try {
    result.evidence = item.prove(walk);
    result.passed = walk.requests > 0;
    if (!result.passed) result.evidence = "nothing was asked";
    result.requests = walk.requests;
  } catch (const Failure& failure) {
    result.requests = walk.requests;
    result.evidence = failure.what();
    if (failure.exit == Exit::unreachable && !lives(walk)) result.unreachable = failure;
  } catch (const Refusal& refusal) {
    result.requests = walk.requests;
    result.evidence = std::to_string(refusal.status) + " " + refusal.code() + ": " + refusal.what();
  } catch (const std::exception& error) {
    result.requests = walk.requests;
    result.evidence = error.what();
  }
  return result;
}

std::string tap_of(std::size_t number, const Item& item, const Result& result) {
  return std::string(result.passed ? "ok " : "not ok ") + std::to_string(number) + " - " + item.id + ": " + item.title +
         "\n  ---\n  requests: " + std::to_string(result.requests) +
         (result.passed ? "\n  evidence: " : "\n  message: ") + json_text(Json(result.evidence)) + "\n  ...\n";
}

std::string line_of(const Item& item, const Result& result) {
  return std::string(result.passed ? "PASS " : "FAIL ") + item.id + ": " + item.title + " (" +
         std::to_string(result.requests) + " requests): " + escape_controls(result.evidence) + "\n";
}

Json json_of(const Item& item, const Result& result) {
  return {{"id", item.id},
          {"title", item.title},
          {"result", result.passed ? "PASS" : "FAIL"},
          {"requests", result.requests},
          {"evidence", result.evidence}};
}

const Shape kItemShape = {"id", {"result", "id", "requests", "title", "evidence"}};

enum class Manner { lines, tap, rows };

/// Walks every item; returns the ids of those that failed.
std::vector<std::string> walked(Walk& walk, Manner manner) {
  const auto all = items();
  Session& session = walk.session();
  if (manner == Manner::tap) session.print("TAP version 14\n1.." + std::to_string(all.size()) + "\n");
  Json rows = Json::array();
  std::vector<std::string> failed;
  std::optional<Failure> unreachable;
  for (std::size_t i = 0; i < all.size() && !unreachable; ++i) {
    const Result result = tried(walk, all[i]);
    unreachable = result.unreachable;
    if (!result.passed) failed.push_back(all[i].id);
    if (manner == Manner::tap) session.print(tap_of(i + 1, all[i], result));
    if (manner == Manner::lines) session.print(line_of(all[i], result));
    rows.push_back(json_of(all[i], result));
  }
  if (manner == Manner::rows) session.print_list({{"items", rows}, {"next_cursor", nullptr}}, kItemShape);
  if (unreachable && manner == Manner::tap) session.print("Bail out! " + escape_controls(unreachable->what()) + "\n");
  if (unreachable) throw *unreachable;
  return failed;
}

void tell_what_stays(const Walk& walk, Session& session) {
  session.note(std::string("what stays: tenant ") + kTenant + ", disabled; users " + kOwner + " and " + kStranger +
               "; in env " + kEnv + " of that tenant its audit rows" +
               (walk.last_row.empty() ? "" : ", up to " + walk.last_row) + ", and one small file more on canvas " +
               kCanvas);
}

int run_readiness(Session& session, const Values& values) {
  if (session.settings().idempotency_key)
    throw usage_error("--idempotency-key has no effect here: each item sends something else");
  const bool tap = values.given("--tap");
  const bool rows = session.json_output() && !tap;
  if (!rows) session.require_no_form();
  require_system_token(session, "nexusctl readiness");
  Walk walk(session);
  const Signals signals;
  Stage stage(walk);
  std::vector<std::string> failed, complaints;
  try {
    walk.routes = routes_of_daemon(session);
    stage.set();
    failed = walked(walk, tap ? Manner::tap : rows ? Manner::rows : Manner::lines);
    complaints = stage.strike();
  } catch (const Interrupted& interrupted) {
    for (const auto& complaint : stage.strike()) session.warn(complaint);
    tell_what_stays(walk, session);
    session.warn("it was broken off: what it had not reached is not checked");
    return 128 + interrupted.signal;
  }
  for (const auto& complaint : complaints) session.warn(complaint);
  tell_what_stays(walk, session);
  std::string names;
  for (const auto& id : failed) names += (names.empty() ? "" : ", ") + id;
  if (!failed.empty())
    throw Failure(Exit::negative,
                  std::to_string(failed.size()) + " of " + std::to_string(items().size()) + " items failed: " + names);
  if (!complaints.empty()) throw Failure(Exit::negative, "not all could be cleared up: run it again");
  return 0;
}

constexpr const char* kReadinessDescription = R"(
It proves each item of the production checklist by requests of its own: that what must be refused is refused with the
right status and code, and that a member is let in where strangers are not. It takes the routes from the daemon's own
table, and fails when that table misses what every daemon has. An item that asked nothing fails.

It works in the tenant `t_readiness`, env dev; in env prod it only tries to store. It makes the tenant at the first
run, disables it at the end, and enables it again at the next run; nobody else's is touched. It wants the system token,
which `nexusd` writes to `root.token` in its data directory. The tokens that it makes live 15 minutes at most and are
revoked at the end, also when it breaks off or is interrupted; a second signal ends it at once. A run that was killed
is cleared up by the next one. One run at a time: two would disturb each other.

What stays are the disabled tenant, its two users without tokens, its audit rows, and on the canvas `readiness` one
file of ten bytes a run; a note says so. --reason is logged with each act of the system token.

The items, by their ids: `rails`, `no_token`, `wrong_tenant`, `wrong_env`, `raw_keys`, `media_keys`, `prod_storage`,
`audit_wired`, `audit_traced`, `audit_verifies`, `gates`, `temperature`, `chat`, `t_unknown`. `prod_storage` fails where
blobs.allow_local_in_prod is set. Where gates.strict_envs names dev, items that change something fail: nothing is
configured in that tenant.

With -o json each item has its `id`, `title`, `result` (`PASS` or `FAIL`), `requests` and `evidence`.)";

constexpr const char* kReadinessExitStatus = R"(
`readiness` exits with 1 when an item failed or something could not be cleared up, with 3 when the daemon is gone, and
with 7 when somebody else has made a tenant or a user of its names.)";

}  // namespace
}  // namespace readiness

Command readiness_command() {
  return {.name = "readiness",
          .topic = Topic::operate,
          .summary = "prove the production checklist against a running daemon; exit 1 if an item fails",
          .description = readiness::kReadinessDescription,
          .exit_status = readiness::kReadinessExitStatus,
          .see_also = "nexusctl-audit(1), nexusctl-gate(1), nexusctl-routes(1), nexusctl-smoke(1), nexusd(8)",
          .example =
              "nexusctl readiness --token-file FILE\n"
              "nexusctl readiness --tap --token-file FILE",
          .parameters = {flag("--tap", "answer in TAP version 14")},
          .run = readiness::run_readiness,
          .beyond_curl = "is many requests"};
}

}  // namespace nexus::cli
