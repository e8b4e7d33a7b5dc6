// What can be refused, and why: one enumeration, one table from it to wire code, HTTP status and public text, and the
// exception that carries a refusal to the edge. `detail` is for the person who reads the answer: it says what to do and
// never holds SQL, a path, a secret or another tenant's id. Causes go to the log where the refusal is raised.
#pragma once
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/json.hpp"

namespace nexus {

enum class Code {
  auth_missing_token,
  auth_invalid_token,
  auth_token_expired,
  auth_token_revoked,
  auth_invalid_ticket,
  auth_not_a_member,
  auth_insufficient_role,
  context_missing_tenant,
  context_missing_env,
  context_invalid_tenant,
  context_invalid_env,
  context_mismatch,
  context_user_mismatch,
  tenant_disabled,
  tenant_suspended,
  tenant_exists,
  tenant_not_found,
  user_exists,
  user_not_found,
  member_not_found,
  membership_last_owner,
  invitation_not_found,
  invitation_changed,
  limit_reached,
  token_not_found,
  raw_not_found,
  raw_filename_mismatch,
  raw_not_uploaded,
  raw_size_mismatch,
  raw_digest_mismatch,
  raw_already_registered,
  raw_changed,
  atom_not_found,
  atom_too_many,
  atom_too_large,
  atom_not_text,
  card_not_found,
  card_reserved_type,
  pack_not_found,
  run_not_found,
  run_finished,
  session_not_found,
  session_exists,
  maybe_not_found,
  media_asset_not_found,
  media_artifact_not_found,
  media_remote,
  canvas_not_found,
  canvas_exists,
  canvas_artifact_not_found,
  thread_not_found,
  thread_exists,
  message_not_found,
  chat_sender_mismatch,
  chat_cursor_invalid,
  stream_no_place,
  kill_switch_blocked,
  firearms_licence_required,
  strategy_lock_required,
  three_wise_verdict_required,
  budget_threshold_missing,
  budget_threshold_exceeded,
  kpi_threshold_missing,
  kpi_corridor_breached,
  temperature_breach,
  licence_not_found,
  dangerous_action_not_found,
  strategy_lock_not_found,
  strategy_lock_self_approval,
  strategy_lock_invalid_state,
  three_wise_not_found,
  three_wise_opinion_refused,
  budget_currency_mismatch,
  budget_usage_conflict,
  event_not_found,
  audit_row_not_found,
  feature_disabled,
  rate_limit_exceeded,
  request_malformed,
  request_invalid_json,
  request_invalid_cursor,
  request_path_mismatch,
  request_reason_required,
  request_timeout,
  request_length_required,
  request_too_large,
  request_unsupported_media_type,
  request_expectation_failed,
  request_upgrade_required,
  request_head_too_large,
  request_method_unknown,
  request_version_unsupported,
  validation_failed,
  validation_unknown_field,
  route_not_found,
  route_method_not_allowed,
  host_not_allowed,
  origin_not_allowed,
  idempotency_key_reused,
  idempotency_in_flight,
  idempotency_secret_shown,
  precondition_failed,
  blob_form_invalid,
  blob_signature_invalid,
  blob_form_expired,
  blob_policy_violation,
  blob_size_out_of_range,
  blob_digest_mismatch,
  blob_exists,
  blob_not_found,
  blob_range_not_satisfiable,
  audit_unavailable,
  storage_unavailable,
  storage_local_in_prod,
  storage_full,
  storage_foreign_prefix,
  store_busy,
  store_outcome_unknown,
  internal_error,
};

/// One row of the table: `code` as on the wire, `status` of the answer, `title` in a few words, and `meaning`: the
/// paragraph of the page at /problems/<code>.
struct CodeInfo {
  Code id;
  std::string_view code;
  int status;
  std::string_view title;
  std::string_view meaning;
};

const CodeInfo& info(Code code);
std::span<const CodeInfo> all_codes();
/// The code with this wire name, if there is one.
std::optional<Code> find_code(std::string_view wire);

/// `pointer` is an RFC 6901 JSON pointer into the body, or `/query/<name>`, `/header/<name>` for what came elsewhere.
struct FieldError {
  std::string pointer;
  std::string detail;
};

/// A refusal on its way to the client.
class Problem : public std::exception {
 public:
  explicit Problem(Code code_, std::string detail_ = {}) : code(code_), detail(std::move(detail_)) {}
  const char* what() const noexcept override { return detail.empty() ? info(code).title.data() : detail.c_str(); }
  /// The same problem with these; refusals are built in one expression.
  Problem with_errors(std::vector<FieldError> value) const {
    Problem problem = *this;
    problem.errors = std::move(value);
    return problem;
  }
  Problem with_remedy(std::string value) const {
    Problem problem = *this;
    problem.remedy = std::move(value);
    return problem;
  }

  Code code;
  std::string detail;
  std::vector<FieldError> errors;
  std::string remedy;              // a nexusctl line that would help, or empty
  std::optional<int> retry_after;  // seconds
  Json decision;                   // of a gate; null otherwise
};

}  // namespace nexus
