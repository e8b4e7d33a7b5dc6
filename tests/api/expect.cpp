// The literal table of codes.
#include "tests/api/expect.hpp"

#include <set>

#include "tests/catch.hpp"
#include "tests/support/second_daemon.hpp"

namespace nexus::test {

namespace {

const Codes kCodes = {
    {"auth.missing_token", 401},
    {"auth.invalid_token", 401},
    {"auth.token_expired", 401},
    {"auth.token_revoked", 401},
    {"auth.invalid_ticket", 401},
    {"context.missing_tenant", 400},
    {"context.missing_env", 400},
    {"context.invalid_tenant", 400},
    {"context.invalid_env", 400},
    {"context.mismatch", 400},
    {"context.user_mismatch", 403},
    {"auth.not_a_member", 403},
    {"auth.insufficient_role", 403},
    {"tenant.disabled", 403},
    {"tenant.suspended", 403},
    {"tenant.not_found", 404},
    {"tenant.exists", 409},
    {"user.not_found", 404},
    {"user.exists", 409},
    {"backup.elsewhere", 409},
    {"member.not_found", 404},
    {"event.not_found", 404},
    {"audit_row.not_found", 404},
    {"membership.last_owner", 409},
    {"invitation.not_found", 404},
    {"invitation.changed", 409},
    {"limit.reached", 409},
    {"token.not_found", 404},
    {"raw.not_found", 404},
    {"media_asset.not_found", 404},
    {"media_artifact.not_found", 404},
    {"media.remote", 409},
    {"canvas.not_found", 404},
    {"canvas.exists", 409},
    {"canvas_artifact.not_found", 404},
    {"pack.not_found", 404},
    {"raw.filename_mismatch", 409},
    {"raw.not_uploaded", 409},
    {"raw.size_mismatch", 409},
    {"raw.digest_mismatch", 409},
    {"raw.already_registered", 409},
    {"raw.changed", 409},
    {"atom.not_found", 404},
    {"atom.too_many", 422},
    {"atom.too_large", 422},
    {"atom.not_text", 422},
    {"thread.not_found", 404},
    {"thread.exists", 409},
    {"message.not_found", 404},
    {"chat.sender_mismatch", 403},
    {"chat.cursor_invalid", 400},
    {"stream.no_place", 503},
    {"card.not_found", 404},
    {"card.reserved_type", 422},
    {"session.not_found", 404},
    {"session.exists", 409},
    {"run.not_found", 404},
    {"run.finished", 409},
    {"kill_switch_blocked", 403},
    {"firearms_licence_required", 403},
    {"strategy_lock_required", 409},
    {"three_wise_verdict_required", 409},
    {"licence.not_found", 404},
    {"dangerous_action.not_found", 404},
    {"strategy_lock.not_found", 404},
    {"strategy_lock.self_approval", 409},
    {"strategy_lock.invalid_state", 409},
    {"three_wise.not_found", 404},
    {"three_wise.opinion_refused", 409},
    {"budget_threshold_missing", 403},
    {"budget_threshold_exceeded", 403},
    {"kpi_threshold_missing", 403},
    {"kpi_corridor_breached", 403},
    {"temperature_breach", 403},
    {"budget.currency_mismatch", 422},
    {"budget.usage_conflict", 409},
    {"rate_limit_exceeded", 429},
    {"request.malformed", 400},
    {"request.invalid_json", 400},
    {"request.invalid_cursor", 400},
    {"request.path_mismatch", 400},
    {"request.reason_required", 400},
    {"request.unsupported_media_type", 415},
    {"request.length_required", 411},
    {"request.too_large", 413},
    {"request.head_too_large", 431},
    {"request.upgrade_required", 426},
    {"request.timeout", 408},
    {"request.expectation_failed", 417},
    {"request.method_unknown", 501},
    {"request.version_unsupported", 505},
    {"validation.failed", 422},
    {"validation.unknown_field", 422},
    {"route.not_found", 404},
    {"route.method_not_allowed", 405},
    {"idempotency.key_reused", 422},
    {"idempotency.in_flight", 409},
    {"idempotency.secret_shown", 409},
    {"precondition.failed", 412},
    {"feature.disabled", 403},
    {"host.not_allowed", 421},
    {"origin.not_allowed", 403},
    {"blob.form_invalid", 400},
    {"blob.signature_invalid", 403},
    {"blob.form_expired", 403},
    {"blob.policy_violation", 403},
    {"blob.size_out_of_range", 400},
    {"blob.digest_mismatch", 400},
    {"blob.exists", 409},
    {"blob.not_found", 404},
    {"blob.range_not_satisfiable", 416},
    {"audit.unavailable", 503},
    {"storage.unavailable", 503},
    {"storage.local_in_prod", 503},
    {"storage.foreign_prefix", 400},
    {"storage.full", 507},
    {"store.busy", 503},
    {"store.outcome_unknown", 500},
    {"answer.not_made", 500},
    {"internal.error", 500},
};

}  // namespace

const Codes& literal_codes() {
  static const Codes all = [] {
    Codes codes = kCodes;
    for (const Codes& more : codes_of_slices())
      for (const auto& [code, status] : more) REQUIRE(codes.emplace(code, status).second);  // said once
    return codes;
  }();
  return all;
}

bool is_well_formed_problem(const Answer& answer) {
  if (answer.header("content-type") != "application/problem+json") return false;
  if (answer.body.empty()) return answer.header("content-length") != "0";  // the answer to a HEAD
  const Json& problem = answer.json;
  if (!problem.is_object()) return false;
  static const std::set<std::string> members = {"type",     "title",  "status",   "detail", "code",       "request_id",
                                                "trace_id", "errors", "decision", "remedy", "retry_after"};
  for (const auto& [name, value] : problem.items())
    if (!members.contains(name)) return false;
  for (const char* name : {"type", "title", "detail", "code", "request_id", "trace_id"})
    if (!problem.contains(name) || !problem[name].is_string()) return false;
  const auto known = literal_codes().find(answer.code());
  return known != literal_codes().end() && known->second == answer.status &&
         problem.value("status", 0) == answer.status && problem["type"] == "/problems/" + answer.code() &&
         !problem["title"].get<std::string>().empty() && problem["request_id"] == answer.header("x-request-id") &&
         !problem["trace_id"].get<std::string>().empty() &&
         (answer.status != 401 || answer.header("www-authenticate").starts_with("Bearer"));
}

std::string outcome(const Answer& answer) {
  return std::to_string(answer.status) + (answer.code().empty() ? "" : " " + answer.code());
}

std::string pointers(const Answer& answer) {
  std::string out;
  if (answer.json.is_object() && answer.json.contains("errors"))
    for (const auto& error : answer.json["errors"]) out += (out.empty() ? "" : " ") + error.value("pointer", "");
  return out;
}

std::string comparable(const Answer& answer) {
  Json json = answer.json;
  if (json.is_object())
    for (const char* name : {"request_id", "trace_id"}) json.erase(name);
  std::set<std::string> own = {"X-Request-Id", "traceresponse", "RateLimit", "Date", "Content-Length"};
  if (is_with_second_daemon()) own.insert("RateLimit-Policy");  // one may know of the other a little sooner
  std::string out = std::to_string(answer.status) + "\n";
  for (const auto& [name, value] : answer.headers)
    if (!own.contains(name)) out += name + ": " + value + "\n";
  return out + (json.is_null() ? answer.body : json.dump());
}

}  // namespace nexus::test
