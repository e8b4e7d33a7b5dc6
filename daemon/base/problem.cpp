#include "daemon/base/problem.hpp"

#include <array>
#include <stdexcept>

namespace nexus {
namespace {

constexpr CodeInfo kCodes[] = {
    {Code::auth_missing_token, "auth.missing_token", 401, "A bearer token is needed",
     "The route is not open, and the request carried no `Authorization: Bearer` header. Send a token made by `nexusctl "
     "token create`, or set NEXUS_TOKEN for nexusctl."},
    {Code::auth_invalid_token, "auth.invalid_token", 401, "The token is not valid",
     "The token is malformed, signed with another key or algorithm than HS256, or names a user or a token id that this "
     "daemon does not know. Make a new one with `nexusctl token create`."},
    {Code::auth_token_expired, "auth.token_expired", 401, "The token has expired",
     "The token's `exp` lies in the past (30 s of clock leeway are given). Make a new one with `nexusctl token "
     "create`."},
    {Code::auth_token_revoked, "auth.token_revoked", 401, "The token was revoked",
     "Somebody revoked this token id. It stays refused for the rest of its life; make a new one."},
    {Code::auth_invalid_ticket, "auth.invalid_ticket", 401, "The ticket is not valid",
     "A ticket opens one stream, within 30 seconds, on the path it was made for. Ask POST /tickets for a new one."},
    {Code::auth_not_a_member, "auth.not_a_member", 403, "You are not a member of this tenant",
     "The token is good, but its user has no membership in the tenant of the request, the token is narrowed to other "
     "tenants or envs, or the tenant does not exist: the answer is the same. An owner or admin can invite you "
     "with `nexusctl member set`."},
    {Code::auth_insufficient_role, "auth.insufficient_role", 403, "Your role does not allow this",
     "The route needs a higher role than the caller has in this tenant (or than the token's own ceiling)."},
    {Code::context_missing_tenant, "context.missing_tenant", 400, "X-Tenant-Id is missing",
     "Every tenant route needs the X-Tenant-Id header. There is no default: not from the token, the query or the "
     "body."},
    {Code::context_missing_env, "context.missing_env", 400, "X-Env is missing",
     "Every tenant route needs the X-Env header: dev, staging or prod. There is no default."},
    {Code::context_invalid_tenant, "context.invalid_tenant", 400, "X-Tenant-Id is not a tenant id",
     "A tenant id matches ^t_[a-z0-9_-]{1,62}$. `t_unknown` is never one: an event without a tenant is a bug at its "
     "source, not a tenant."},
    {Code::context_invalid_env, "context.invalid_env", 400, "X-Env is not an env",
     "X-Env is dev, staging (or stage) or prod, in any case."},
    {Code::context_mismatch, "context.mismatch", 400, "The request contradicts its context",
     "A tenant_id or env in the query, the form or the body (or a header beside a path that names the tenant) differs "
     "from the context of the request. Such a field is an assertion, never a source: make it equal, or leave it out."},
    {Code::context_user_mismatch, "context.user_mismatch", 403, "X-User-Id is not the token's user",
     "X-User-Id is optional; when sent it must equal the user of the token."},
    {Code::tenant_disabled, "tenant.disabled", 403, "The tenant is disabled",
     "Every request to a disabled tenant is refused. The operator enables it with `nexusctl tenant enable`."},
    {Code::tenant_suspended, "tenant.suspended", 403, "The tenant is suspended",
     "A suspended tenant can be read, not changed. The operator lifts it with `nexusctl tenant enable`."},
    {Code::tenant_exists, "tenant.exists", 409, "The tenant exists", "A tenant with this tenant_id exists already."},
    {Code::tenant_not_found, "tenant.not_found", 404, "No such tenant", "There is no tenant with this id."},
    {Code::user_exists, "user.exists", 409, "The user exists",
     "A user with this user_id or this email (case-folded) exists already."},
    {Code::user_not_found, "user.not_found", 404, "No such user", "There is no user with this id."},
    {Code::member_not_found, "member.not_found", 404, "No such member", "This user is no member of the tenant."},
    {Code::membership_last_owner, "membership.last_owner", 409, "The last owner stays",
     "A tenant keeps at least one owner. Make another member owner first."},
    {Code::invitation_not_found, "invitation.not_found", 404, "No such invitation",
     "Nobody invited you to this tenant, or the invitation has ended: it lives 14 days, and ends with the membership "
     "of "
     "who made it. `nexusctl whoami` lists those that are open."},
    {Code::invitation_changed, "invitation.changed", 409, "The invitation offers another role",
     "The offer was changed after you read it. `nexusctl whoami` shows the role that is offered now; accept that one, "
     "or "
     "decline."},
    {Code::limit_reached, "limit.reached", 409, "There are as many as there may be",
     "The tenant holds as many of these as it may. The detail names the limit; end one of them first."},
    {Code::token_not_found, "token.not_found", 404, "No such token",
     "There is no token with this id among those that you may see."},
    {Code::raw_not_found, "raw.not_found", 404, "No such asset",
     "There is no asset with this id in this tenant and env; one of another tenant or env looks the same."},
    {Code::raw_filename_mismatch, "raw.filename_mismatch", 409, "Another filename than presigned",
     "The asset was presigned for another filename. Register it under that one, or presign again."},
    {Code::raw_not_uploaded, "raw.not_uploaded", 409, "Nothing was uploaded",
     "The presigned form of this asset was not used yet: POST the file to the form's url first, then register."},
    {Code::raw_size_mismatch, "raw.size_mismatch", 409, "The stored size differs",
     "The object in storage has another size than size_bytes says. Nothing was registered."},
    {Code::raw_digest_mismatch, "raw.digest_mismatch", 409, "The stored digest differs",
     "The object in storage has another SHA-256 than stated at presign or at register. Nothing was registered."},
    {Code::raw_already_registered, "raw.already_registered", 409, "Registered with other values",
     "This asset is registered, with other values than these. Registering again with equal values answers 200."},
    {Code::raw_changed, "raw.changed", 409, "The stored object is another one",
     "The object in storage is no longer the version that was registered: somebody wrote to the bucket beside "
     "Nexus. Upload and register it again."},
    {Code::atom_not_found, "atom.not_found", 404, "No such atom",
     "There is no atom with this id in this tenant and env; one of another tenant or env looks the same."},
    {Code::atom_too_many, "atom.too_many", 422, "Too many atoms",
     "The operation would make more than 10 000 atoms of this asset. Choose a larger `max_chars`, or split the "
     "file."},
    {Code::atom_too_large, "atom.too_large", 422, "The source is too large",
     "Atoms are made of assets up to 64 MiB. Split the file before it is uploaded."},
    {Code::atom_not_text, "atom.not_text", 422, "The source is not text",
     "The operation reads UTF-8 text, and the asset's bytes are none. Nothing was made."},
    {Code::card_not_found, "card.not_found", 404, "No such card",
     "There is no card with this id in this tenant and env; one of another tenant or env looks the same."},
    {Code::card_reserved_type, "card.reserved_type", 422, "The type belongs to the settings",
     "Cards of the types surface_settings, app_definition and connector_config are versions of settings: write "
     "them with `nexusctl settings put`."},
    {Code::pack_not_found, "pack.not_found", 404, "No such influence pack",
     "There is no influence pack with this id in this tenant and env; one of another tenant or env looks the "
     "same."},
    {Code::run_not_found, "run.not_found", 404, "No such run",
     "There is no run with this id in this tenant and env; one of another tenant or env looks the same. "
     "X-Run-Id must name a run that was started here."},
    {Code::run_finished, "run.finished", 409, "The run has ended",
     "The run was finished, failed or cancelled; nothing can belong to it any more. Start a new one with "
     "`nexusctl runs start`."},
    {Code::session_not_found, "session.not_found", 404, "No such session",
     "There is no memory session with this id that you may read in this tenant and env."},
    {Code::session_exists, "session.exists", 409, "The shared session exists",
     "There is one shared session of this id for each tenant and env, and it exists already. Write a turn "
     "without `shared` to take part in it."},
    {Code::maybe_not_found, "maybe.not_found", 404, "No such item",
     "There is no item with this id that you may see in this tenant and env: an item is its creator's and the "
     "admins'."},
    {Code::media_asset_not_found, "media_asset.not_found", 404, "No such media asset",
     "There is no media asset with this id in this tenant and env; one of another tenant or env looks the "
     "same."},
    {Code::media_artifact_not_found, "media_artifact.not_found", 404, "No such media artifact",
     "There is no media artifact with this id in this tenant and env; one of another tenant or env looks the "
     "same."},
    {Code::media_remote, "media.remote", 409, "The asset lives elsewhere",
     "The asset was registered by its `source_uri`. Nexus never fetches it and redirects nobody to it: ask the "
     "place that the URI names."},
    {Code::canvas_not_found, "canvas.not_found", 404, "No such canvas",
     "There is no canvas with this id in this tenant and env; one of another tenant or env looks the same. "
     "Make it with `nexusctl canvas create`."},
    {Code::canvas_exists, "canvas.exists", 409, "The canvas exists",
     "A canvas with this canvas_id exists already in this tenant and env."},
    {Code::canvas_artifact_not_found, "canvas_artifact.not_found", 404, "No such canvas artifact",
     "There is no artifact with this id on this canvas in this tenant and env; one of another looks the same."},
    {Code::thread_not_found, "thread.not_found", 404, "No such thread",
     "There is no thread with this id in this tenant and env; one of another tenant or env looks the same."},
    {Code::thread_exists, "thread.exists", 409, "The thread exists",
     "A thread with this thread_id exists already in this tenant and env."},
    {Code::message_not_found, "message.not_found", 404, "No such message",
     "There is no message with this id in this thread, or it was deleted."},
    {Code::chat_sender_mismatch, "chat.sender_mismatch", 403, "Nobody speaks for another",
     "The sender of a message is the user of the token, and only agents' tokens speak as agents. Leave "
     "`sender` and `role` out, or make them equal."},
    {Code::chat_cursor_invalid, "chat.cursor_invalid", 400, "The cursor is malformed",
     "A cursor is `<epoch>.<seq>`, as the `id` of an event on a stream. Send one as it came, or none to hear "
     "only what is new."},
    {Code::stream_no_place, "stream.no_place", 503, "No place for another stream",
     "The daemon has as many streams open as `--max-streams` or its descriptors allow. Come back after the seconds of "
     "Retry-After; other requests are served meanwhile."},
    {Code::kill_switch_blocked, "kill_switch_blocked", 403, "A kill switch is on",
     "The kill switch of this tenant and env disables this action, all actions, the named provider or autonomous "
     "agents. "
     "An admin can see and lift it with `nexusctl kill show` and `nexusctl kill allow`."},
    {Code::firearms_licence_required, "firearms_licence_required", 403, "A licence is needed",
     "The action is dangerous, and the caller (or the subject it names) holds no active licence of at least its level. "
     "An admin issues one with `nexusctl firearms issue`."},
    {Code::strategy_lock_required, "strategy_lock_required", 409, "An approved strategy lock is needed",
     "No approved lock, valid now, of this surface or of all surfaces, allows the action. Make one with `nexusctl lock "
     "create` and have it approved."},
    {Code::three_wise_verdict_required, "three_wise_verdict_required", 409, "The three wise have not approved",
     "The strategy lock that allows the action hangs on a three-wise question whose verdict is not APPROVE."},
    {Code::budget_threshold_missing, "budget_threshold_missing", 403, "No budget is set",
     "In a strict env every surface needs a budget policy, of its own or of `*`. An admin sets one with `nexusctl "
     "budget policy`."},
    {Code::budget_threshold_exceeded, "budget_threshold_exceeded", 403, "The budget is spent",
     "The cost in the policy's window is above its threshold. Wait for the window to move on, or have an admin raise "
     "the threshold."},
    {Code::kpi_threshold_missing, "kpi_threshold_missing", 403, "No KPI corridor, or no data in it",
     "In a strict env every surface needs a KPI corridor; one that requires data refuses without observations."},
    {Code::kpi_corridor_breached, "kpi_corridor_breached", 403, "A KPI is outside its corridor",
     "The aggregated value of a KPI lies below its floor or above its ceiling in its window."},
    {Code::temperature_breach, "temperature_breach", 403, "The temperature is out of bounds",
     "A floor or a ceiling of the surface's temperature is breached; `nexusctl temperature current` shows which."},
    {Code::licence_not_found, "licence.not_found", 404, "No such licence",
     "There is no licence with this id in this tenant and env."},
    {Code::dangerous_action_not_found, "dangerous_action.not_found", 404, "The action is not dangerous",
     "No dangerous action of this name is declared."},
    {Code::strategy_lock_not_found, "strategy_lock.not_found", 404, "No such lock",
     "There is no strategy lock with this id in this tenant and env."},
    {Code::strategy_lock_self_approval, "strategy_lock.self_approval", 409, "Four eyes are needed",
     "In staging and prod a lock is approved by somebody who neither made it nor edited it since its last approval."},
    {Code::strategy_lock_invalid_state, "strategy_lock.invalid_state", 409, "The lock's state does not allow this",
     "A rejected lock stays rejected, and only a draft is approved or rejected."},
    {Code::three_wise_not_found, "three_wise.not_found", 404, "No such question",
     "There is no three-wise question with this id in this tenant and env."},
    {Code::three_wise_opinion_refused, "three_wise.opinion_refused", 409, "Your opinion does not count here",
     "Each user has one opinion on a question, and its asker has none."},
    {Code::budget_currency_mismatch, "budget.currency_mismatch", 422, "Another currency",
     "A tenant and env keep their costs in one currency: the first one that was written."},
    {Code::budget_usage_conflict, "budget.usage_conflict", 409, "The usage id has other values",
     "A usage_id stands for one usage event; this one was written with other values."},
    {Code::event_not_found, "event.not_found", 404, "No such event",
     "There is no event with this id in this tenant and env."},
    {Code::audit_row_not_found, "audit_row.not_found", 404, "No such audit row",
     "There is no audit row with this seq in this tenant and env."},
    {Code::feature_disabled, "feature.disabled", 403, "The feature is switched off",
     "A feature flag of this tenant and env, or of the whole daemon, switches this transport off."},
    {Code::rate_limit_exceeded, "rate_limit_exceeded", 429, "Too many requests",
     "The quota of this tenant, env and action is spent. Retry-After says in how many seconds the next request fits."},
    {Code::request_malformed, "request.malformed", 400, "The request is malformed",
     "The bytes of the request head are not well-formed HTTP/1.1, or are ambiguous. The connection is closed."},
    {Code::request_invalid_json, "request.invalid_json", 400, "The body is not JSON",
     "The body must be one JSON value in UTF-8, without duplicate keys, NaN, or nesting over 32."},
    {Code::request_invalid_cursor, "request.invalid_cursor", 400, "The cursor is not valid",
     "A cursor is taken from next_cursor of the list before, unchanged, for the same list."},
    {Code::request_path_mismatch, "request.path_mismatch", 400, "The body contradicts the path",
     "An id in the body differs from the one in the path."},
    {Code::request_reason_required, "request.reason_required", 400, "A reason is needed",
     "The system token states why it acts on a tenant: X-Reason, 1 to 500 characters (`nexusctl --reason`)."},
    {Code::request_timeout, "request.timeout", 408, "The request came too slowly",
     "A head must arrive within 10 s, a body never slower than 1 KiB/s over any 60 s."},
    {Code::request_length_required, "request.length_required", 411, "Content-Length is needed",
     "Requests with a body state its length: Transfer-Encoding is not accepted."},
    {Code::request_too_large, "request.too_large", 413, "The body is too large",
     "The body is larger than this route accepts. The limits stand in nexus-limits(7)."},
    {Code::request_unsupported_media_type, "request.unsupported_media_type", 415, "Another content type is needed",
     "The route reads another Content-Type: application/json unless its documentation says otherwise."},
    {Code::request_expectation_failed, "request.expectation_failed", 417, "The expectation cannot be met",
     "The only Expect that is understood is 100-continue."},
    {Code::request_upgrade_required, "request.upgrade_required", 426, "A WebSocket is needed here",
     "The route is a WebSocket: open it with GET, `Connection: Upgrade`, `Upgrade: websocket`, `Sec-WebSocket-Version: "
     "13` and a `Sec-WebSocket-Key`. For a stream over plain HTTP, ask /sse/chat/{id}."},
    {Code::request_head_too_large, "request.head_too_large", 431, "The request head is too large",
     "The request line and headers together are at most 8 KiB and 100 fields."},
    {Code::request_method_unknown, "request.method_unknown", 501, "The method is not known",
     "The daemon knows GET, HEAD, POST, PUT, PATCH, DELETE and OPTIONS."},
    {Code::request_version_unsupported, "request.version_unsupported", 505, "The HTTP version is not supported",
     "The daemon speaks HTTP/1.1 and HTTP/1.0."},
    {Code::validation_failed, "validation.failed", 422, "A field is not valid",
     "One or more fields are missing or out of range; `errors` names each with a JSON pointer."},
    {Code::validation_unknown_field, "validation.unknown_field", 422, "A field is not known",
     "Unknown fields are refused, so that a misspelt one cannot vanish; `errors` names each."},
    {Code::route_not_found, "route.not_found", 404, "No such route", "GET /openapi.json lists every route there is."},
    {Code::route_method_not_allowed, "route.method_not_allowed", 405, "The route has other methods",
     "The Allow header lists the methods of this route."},
    {Code::host_not_allowed, "host.not_allowed", 421, "This host name is not ours",
     "The Host header names neither loopback nor the listener's own address (a rebound DNS name looks like this). "
     "Add names with --allowed-host or --public-url."},
    {Code::origin_not_allowed, "origin.not_allowed", 403, "The page's origin is not ours",
     "A browser sent this from a page of another origin. Add it with --cors-origin if it is yours."},
    {Code::idempotency_key_reused, "idempotency.key_reused", 422, "The idempotency key has another body",
     "An Idempotency-Key stands for one request: this one was used with a different body. Choose a new key."},
    {Code::idempotency_in_flight, "idempotency.in_flight", 409, "The first request is still running",
     "A request with this Idempotency-Key is under way. Retry after it has ended: the answer is replayed."},
    {Code::idempotency_secret_shown, "idempotency.secret_shown", 409, "The secret was shown once",
     "The request with this Idempotency-Key succeeded and its secret was shown then; it is not kept. Revoke what it "
     "made "
     "and ask again with a new key."},
    {Code::precondition_failed, "precondition.failed", 412, "It changed in between",
     "If-Match names another version than the current one. Read again, then decide."},
    {Code::blob_form_invalid, "blob.form_invalid", 400, "The upload form is not valid",
     "The body is not a whole multipart/form-data form with one part named file, or not the form that a presign "
     "answered: a part is missing, doubled or malformed."},
    {Code::blob_signature_invalid, "blob.signature_invalid", 403, "The signature does not match",
     "The policy or the url was changed after signing, or signed with another key."},
    {Code::blob_form_expired, "blob.form_expired", 403, "The form has expired",
     "A presigned form or url lives 15 minutes. Presign again."},
    {Code::blob_policy_violation, "blob.policy_violation", 403, "The form breaks its policy",
     "A field differs from what was signed, or is not covered by the policy; the detail names the condition."},
    {Code::blob_size_out_of_range, "blob.size_out_of_range", 400, "The file's size is out of range",
     "The file is larger or smaller than the policy allows. Nothing was kept."},
    {Code::blob_digest_mismatch, "blob.digest_mismatch", 400, "The file's digest differs",
     "The uploaded bytes have another SHA-256 than the form states. Nothing was kept."},
    {Code::blob_exists, "blob.exists", 409, "The object exists",
     "Objects are written once. Presign a new upload for other content."},
    {Code::blob_not_found, "blob.not_found", 404, "No such object", "There is no object with this key."},
    {Code::blob_range_not_satisfiable, "blob.range_not_satisfiable", 416, "The range lies outside the object",
     "The Range header asks for bytes beyond the object's end; Content-Range says how many there are."},
    {Code::audit_unavailable, "audit.unavailable", 503, "The audit row could not be written",
     "Nothing was changed: without its audit row a mutation is not done. `detail` names the class of the cause "
     "(disk_full, io_error, read_only). Reads go on."},
    {Code::storage_unavailable, "storage.unavailable", 503, "The blob store did not answer",
     "Nothing was changed. Retry; if it lasts, the operator finds the cause in the daemon's log."},
    {Code::storage_local_in_prod, "storage.local_in_prod", 503, "No local storage in prod",
     "Writes of env prod never go to the local blob store, unless the operator sets blobs.allow_local_in_prod. "
     "Configure S3, or use another env."},
    {Code::storage_full, "storage.full", 507, "The blob store is full",
     "The file did not fit; nothing was kept. Free space, then retry."},
    {Code::storage_foreign_prefix, "storage.foreign_prefix", 400, "The key is not of this tenant and env",
     "A stored object belongs under `tenants/{tenant}/{env}/` of the caller. A URI that names another place in "
     "our bucket or at our endpoint is refused."},
    {Code::store_busy, "store.busy", 503, "The store is busy",
     "The write queue is full. Nothing was changed; retry after the seconds of Retry-After."},
    {Code::store_outcome_unknown, "store.outcome_unknown", 500, "The outcome is not known",
     "The disk failed while committing. The daemon stops writing and exits; after its restart the audit log tells "
     "whether the change was done."},
    {Code::internal_error, "internal.error", 500, "An internal error",
     "The daemon met a condition that it did not expect; nothing was changed. The log has the cause under request_id."},
};

/// The enumeration indexes the table: a row out of place would answer one code with another's text.
constexpr bool in_order() {
  for (std::size_t i = 0; i < std::size(kCodes); ++i)
    if (static_cast<std::size_t>(kCodes[i].id) != i) return false;
  return std::size(kCodes) == static_cast<std::size_t>(Code::internal_error) + 1;
}
static_assert(in_order());

}  // namespace

const CodeInfo& info(Code code) { return kCodes[static_cast<std::size_t>(code)]; }

std::span<const CodeInfo> all_codes() { return kCodes; }

std::optional<Code> find_code(std::string_view wire) {
  for (const auto& row : kCodes)
    if (row.code == wire) return row.id;
  return std::nullopt;
}

}  // namespace nexus
