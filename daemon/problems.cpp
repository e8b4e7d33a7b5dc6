#include "daemon/problems.hpp"

#include "daemon/atoms/problems.hpp"
#include "daemon/audit_log/problems.hpp"
#include "daemon/base/problems.hpp"
#include "daemon/blobs/problems.hpp"
#include "daemon/budget/problems.hpp"
#include "daemon/canvas/problems.hpp"
#include "daemon/cards/problems.hpp"
#include "daemon/domain/problems.hpp"
#include "daemon/events/problems.hpp"
#include "daemon/firearms/problems.hpp"
#include "daemon/gates/problems.hpp"
#include "daemon/guard/problems.hpp"
#include "daemon/http/problems.hpp"
#include "daemon/identity/problems.hpp"
#include "daemon/maybes/problems.hpp"
#include "daemon/media/problems.hpp"
#include "daemon/memory/problems.hpp"
#include "daemon/model/problems.hpp"
#include "daemon/packs/problems.hpp"
#include "daemon/rails/problems.hpp"
#include "daemon/raw/problems.hpp"
#include "daemon/strategy_locks/problems.hpp"
#include "daemon/three_wise/problems.hpp"

namespace nexus {
namespace {

constexpr const CodeInfo* kCodes[] = {
    // daemon/atoms/
    &problems::atom_not_found,
    &problems::atom_too_many,
    &problems::atom_too_large,
    &problems::atom_not_text,
    // daemon/audit_log/
    &problems::audit_row_not_found,
    // daemon/base/
    &problems::store_busy,
    &problems::internal_error,
    // daemon/blobs/
    &problems::raw_changed,
    &problems::blob_form_invalid,
    &problems::blob_signature_invalid,
    &problems::blob_form_expired,
    &problems::blob_policy_violation,
    &problems::blob_size_out_of_range,
    &problems::blob_digest_mismatch,
    &problems::blob_exists,
    &problems::blob_not_found,
    &problems::blob_range_not_satisfiable,
    &problems::storage_unavailable,
    &problems::storage_full,
    // daemon/budget/
    &problems::budget_currency_mismatch,
    &problems::budget_usage_conflict,
    // daemon/canvas/
    &problems::canvas_not_found,
    &problems::canvas_exists,
    &problems::canvas_artifact_not_found,
    // daemon/cards/
    &problems::card_not_found,
    &problems::card_reserved_type,
    // daemon/domain/
    &problems::member_not_found,
    &problems::membership_last_owner,
    &problems::limit_reached,
    &problems::raw_not_found,
    &problems::raw_not_uploaded,
    // daemon/events/
    &problems::event_not_found,
    // daemon/firearms/
    &problems::licence_not_found,
    &problems::dangerous_action_not_found,
    // daemon/gates/
    &problems::kill_switch_blocked,
    &problems::firearms_licence_required,
    &problems::strategy_lock_required,
    &problems::three_wise_verdict_required,
    &problems::budget_threshold_missing,
    &problems::budget_threshold_exceeded,
    &problems::kpi_threshold_missing,
    &problems::kpi_corridor_breached,
    &problems::temperature_breach,
    // daemon/guard/
    &problems::auth_missing_token,
    &problems::auth_invalid_token,
    &problems::auth_token_expired,
    &problems::auth_token_revoked,
    &problems::auth_invalid_ticket,
    &problems::auth_not_a_member,
    &problems::auth_insufficient_role,
    &problems::context_missing_tenant,
    &problems::context_missing_env,
    &problems::context_invalid_tenant,
    &problems::context_invalid_env,
    &problems::context_mismatch,
    &problems::context_user_mismatch,
    &problems::tenant_disabled,
    &problems::tenant_suspended,
    &problems::tenant_not_found,
    &problems::rate_limit_exceeded,
    &problems::request_reason_required,
    // daemon/http/
    &problems::run_not_found,
    &problems::run_finished,
    &problems::request_malformed,
    &problems::request_invalid_json,
    &problems::request_invalid_cursor,
    &problems::request_timeout,
    &problems::request_length_required,
    &problems::request_too_large,
    &problems::request_unsupported_media_type,
    &problems::request_expectation_failed,
    &problems::request_head_too_large,
    &problems::request_method_unknown,
    &problems::request_version_unsupported,
    &problems::route_not_found,
    &problems::route_method_not_allowed,
    &problems::host_not_allowed,
    &problems::origin_not_allowed,
    &problems::idempotency_key_reused,
    &problems::idempotency_in_flight,
    &problems::idempotency_secret_shown,
    &problems::precondition_failed,
    &problems::audit_unavailable,
    &problems::storage_local_in_prod,
    &problems::store_outcome_unknown,
    // daemon/identity/
    &problems::tenant_exists,
    &problems::user_exists,
    &problems::user_not_found,
    &problems::invitation_not_found,
    &problems::invitation_changed,
    &problems::token_not_found,
    // daemon/maybes/
    &problems::maybe_not_found,
    // daemon/media/
    &problems::media_asset_not_found,
    &problems::media_artifact_not_found,
    &problems::media_remote,
    &problems::storage_foreign_prefix,
    // daemon/memory/
    &problems::session_not_found,
    &problems::session_exists,
    &problems::request_path_mismatch,
    // daemon/model/
    &problems::validation_failed,
    &problems::validation_unknown_field,
    // daemon/packs/
    &problems::pack_not_found,
    // daemon/rails/
    &problems::thread_not_found,
    &problems::thread_exists,
    &problems::message_not_found,
    &problems::chat_sender_mismatch,
    &problems::chat_cursor_invalid,
    &problems::stream_no_place,
    &problems::feature_disabled,
    &problems::request_upgrade_required,
    // daemon/raw/
    &problems::raw_filename_mismatch,
    &problems::raw_size_mismatch,
    &problems::raw_digest_mismatch,
    &problems::raw_already_registered,
    // daemon/strategy_locks/
    &problems::strategy_lock_not_found,
    &problems::strategy_lock_self_approval,
    &problems::strategy_lock_invalid_state,
    // daemon/three_wise/
    &problems::three_wise_not_found,
    &problems::three_wise_opinion_refused,
};

}  // namespace

std::span<const CodeInfo* const> all_codes() { return kCodes; }

std::optional<Code> find_code(std::string_view wire) {
  for (const CodeInfo* row : kCodes)
    if (row->code == wire) return *row;
  return std::nullopt;
}

}  // namespace nexus
