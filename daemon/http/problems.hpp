// What the dispatcher refuses of a request; the build gathers them all.
#pragma once
#include "daemon/base/problem.hpp"

namespace nexus::problems {

inline constexpr CodeInfo run_not_found{
    "run.not_found", 404, "No such run",
    "There is no run with this id in this tenant and env; one of another tenant or env looks the same. "
    "X-Run-Id must name a run that was started here."};
inline constexpr CodeInfo run_finished{
    "run.finished", 409, "The run has ended",
    "The run was finished, failed or cancelled; nothing can belong to it any more. Start a new one with "
    "`nexusctl runs start`."};
inline constexpr CodeInfo request_malformed{
    "request.malformed", 400, "The request is malformed",
    "The bytes of the request head are not well-formed HTTP/1.1, or are ambiguous. The connection is closed."};
inline constexpr CodeInfo request_invalid_json{
    "request.invalid_json", 400, "The body is not JSON",
    "The body must be one JSON value in UTF-8, without duplicate keys, NaN, or nesting over 32."};
inline constexpr CodeInfo request_invalid_cursor{
    "request.invalid_cursor", 400, "The cursor is not valid",
    "A cursor is taken from next_cursor of the list before, unchanged, for the same list."};
inline constexpr CodeInfo request_timeout{
    "request.timeout", 408, "The request came too slowly",
    "A head must arrive within 10 s, a body never slower than 1 KiB/s over any 60 s."};
inline constexpr CodeInfo request_length_required{
    "request.length_required", 411, "Content-Length is needed",
    "Requests with a body state its length: Transfer-Encoding is not accepted."};
inline constexpr CodeInfo request_too_large{
    "request.too_large", 413, "The body is too large",
    "The body is larger than this route accepts. The limits stand in nexus-limits(7)."};
inline constexpr CodeInfo request_unsupported_media_type{
    "request.unsupported_media_type", 415, "Another content type is needed",
    "The route reads another Content-Type: application/json unless its documentation says otherwise."};
inline constexpr CodeInfo request_expectation_failed{"request.expectation_failed", 417, "The expectation cannot be met",
                                                     "The only Expect that is understood is 100-continue."};
inline constexpr CodeInfo request_head_too_large{
    "request.head_too_large", 431, "The request head is too large",
    "The request line and headers together are at most 8 KiB and 100 fields."};
inline constexpr CodeInfo request_method_unknown{"request.method_unknown", 501, "The method is not known",
                                                 "The daemon knows GET, HEAD, POST, PUT, PATCH, DELETE and OPTIONS."};
inline constexpr CodeInfo request_version_unsupported{"request.version_unsupported", 505,
                                                      "The HTTP version is not supported",
                                                      "The daemon speaks HTTP/1.1 and HTTP/1.0."};
inline constexpr CodeInfo route_not_found{"route.not_found", 404, "No such route",
                                          "GET /openapi.json lists every route there is."};
inline constexpr CodeInfo route_method_not_allowed{"route.method_not_allowed", 405, "The route has other methods",
                                                   "The Allow header lists the methods of this route."};
inline constexpr CodeInfo host_not_allowed{
    "host.not_allowed", 421, "This host name is not ours",
    "The Host header names neither loopback nor the listener's own address (a rebound DNS name looks like this). "
    "Add names with --allowed-host or --public-url."};
inline constexpr CodeInfo origin_not_allowed{
    "origin.not_allowed", 403, "The page's origin is not ours",
    "A browser sent this from a page of another origin. Add it with --cors-origin if it is yours."};
inline constexpr CodeInfo idempotency_key_reused{
    "idempotency.key_reused", 422, "The idempotency key has another body",
    "An Idempotency-Key stands for one request: this one was used with a different body. Choose a new key."};
inline constexpr CodeInfo idempotency_in_flight{
    "idempotency.in_flight", 409, "The first request is still running",
    "A request with this Idempotency-Key is under way. Retry after it has ended: the answer is replayed."};
inline constexpr CodeInfo idempotency_secret_shown{
    "idempotency.secret_shown", 409, "The secret was shown once",
    "The request with this Idempotency-Key succeeded and its secret was shown then; it is not kept. Revoke what it "
    "made "
    "and ask again with a new key."};
inline constexpr CodeInfo precondition_failed{
    "precondition.failed", 412, "It changed in between",
    "If-Match names another version than the current one. Read again, then decide."};
inline constexpr CodeInfo audit_unavailable{
    "audit.unavailable", 503, "The audit row could not be written",
    "Nothing was changed: without its audit row a mutation is not done. `detail` names the class of the cause "
    "(disk_full, io_error, read_only, unreachable). Reads go on, unless the database cannot be reached."};
inline constexpr CodeInfo storage_local_in_prod{
    "storage.local_in_prod", 503, "No local storage in prod",
    "Writes of env prod never go to the local blob store, unless the operator sets blobs.allow_local_in_prod. "
    "Configure S3, or use another env."};
inline constexpr CodeInfo store_outcome_unknown{
    "store.outcome_unknown", 500, "The outcome is not known",
    "The disk failed while committing. The daemon stops writing and exits; after its restart the audit log tells "
    "whether the change was done."};
inline constexpr CodeInfo answer_not_made{
    "answer.not_made", 500, "The change was made, its answer was not",
    "The change is committed: Nexus-Audit-Seq and Nexus-Audit-Hash are the receipt of its audit row. Only the text of "
    "the answer could not be made, because the store or the storage was busy, or memory was short. Read what the "
    "change made; do not send it again, except under its Idempotency-Key."};
inline constexpr CodeInfo request_upgrade_required{
    "request.upgrade_required", 426, "A WebSocket is needed here",
    "The route is a WebSocket: open it with GET, `Connection: Upgrade`, `Upgrade: websocket`, `Sec-WebSocket-Version: "
    "13` and a `Sec-WebSocket-Key`. For a stream over plain HTTP, ask /sse/chat/{id}."};

}  // namespace nexus::problems
