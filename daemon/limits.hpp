// The limits that more than one part of Nexus knows, unit last in the name; a slice's own stand in its limits.hpp. A
// limit is the largest value that is still taken: one more is refused. man/nexus-limits.7 holds them all; a test
// compares the two. What an operator may change (uploads, streams, rate limits) has its default here and its option in
// daemon/config.
//
// The comment behind a constant names the answer to a request over it; docs and tests follow it.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace nexus::limits {

inline constexpr std::size_t KiB = 1024;
inline constexpr std::size_t MiB = 1024 * KiB;
inline constexpr std::uint64_t GiB = 1024 * MiB;

// ---- the head of a request ----------------------------------------------------------------------------------------
inline constexpr std::size_t head_bytes_max = 8 * KiB;         ///< request line and fields with their CRLF: 431
inline constexpr std::size_t head_fields_max = 100;            ///< fields of a head: 431
inline constexpr std::size_t content_length_digits_max = 19;   ///< digits of Content-Length: 400
inline constexpr std::size_t request_id_chars_max = 64;        ///< a longer X-Request-Id is replaced by one of ours
inline constexpr std::size_t idempotency_key_chars_max = 255;  ///< Idempotency-Key: 422
inline constexpr std::size_t reason_chars_max = 500;           ///< code points of X-Reason: 400

// ---- bodies -------------------------------------------------------------------------------------------------------
inline constexpr std::size_t json_body_bytes_max = 1 * MiB;      ///< a JSON body: 413
inline constexpr std::size_t json_depth_max = 32;                ///< nesting of a JSON body: 400
inline constexpr std::size_t card_bytes_max = 256 * KiB;         ///< a card, header and body: 413
inline constexpr std::size_t card_header_bytes_max = 32 * KiB;   ///< a card's YAML header: 422
inline constexpr std::size_t card_header_depth_max = 16;         ///< nesting of a card's header: 422
inline constexpr std::size_t metadata_bytes_max = 16 * KiB;      ///< `metadata` in canonical JSON: 422
inline constexpr std::size_t pii_scan_bytes_max = 64 * KiB;      ///< text of an event that is looked over; more is cut
inline constexpr std::size_t safe_filename_bytes_max = 180;      ///< a filename in a storage key; a longer one is cut
inline constexpr std::size_t safe_extension_bytes_max = 16;      ///< extension kept when a filename is cut
inline constexpr std::size_t client_id_chars_max = 128;          ///< an id chosen by a client: 422, in a path 404
inline constexpr std::uint64_t upload_bytes_hard_max = 5 * GiB;  ///< most that limits.upload_bytes may allow
inline constexpr std::size_t form_fields_bytes_max = 20 * KiB;   ///< presigned form before its file part: 400

// ---- connections --------------------------------------------------------------------------------------------------
inline constexpr std::size_t connections_max = 20'000;    ///< open connections; fewer when the descriptor limit says so
inline constexpr std::size_t connections_reserved = 512;  ///< the last places, that never become streams
inline constexpr std::chrono::seconds head_deadline{10};  ///< a whole head, from its first byte or the accept: 408
inline constexpr std::size_t body_rate_min_bytes_per_second = 1 * KiB;  ///< a slower body: 408
inline constexpr std::chrono::seconds body_rate_window{60};        ///< time over which the rate of a body is judged
inline constexpr std::chrono::seconds keep_alive_idle{75};         ///< a connection without a request is closed after
inline constexpr std::chrono::seconds shutdown_grace_default{10};  ///< what is under way may finish within

// ---- the lanes: threads that tenants share ------------------------------------------------------------------------
inline constexpr std::size_t waiting_tasks_per_tenant_max = 64;  ///< reads, searches and uploads of a tenant that wait
                                                                 ///< for a thread: 429
inline constexpr std::size_t waiting_bytes_per_tenant_max = 16 * MiB;  ///< bodies that they hold: 429

// ---- the store ----------------------------------------------------------------------------------------------------
inline constexpr std::size_t write_queue_units_max = 4096;  ///< mutations that wait for the writer: 503 store.busy
inline constexpr std::size_t write_queue_units_per_tenant_max = 1024;      ///< those of one tenant: 503 store.busy
inline constexpr std::size_t write_queue_bytes_max = 64 * MiB;             ///< what they write: 503 store.busy
inline constexpr std::size_t write_queue_bytes_per_tenant_max = 16 * MiB;  ///< those of one tenant: 503 store.busy
inline constexpr std::size_t read_event_queue_max = 1024;  ///< events of reads that wait for it; more are dropped
inline constexpr std::uint64_t audit_reserve_bytes_default = 64 * MiB;  ///< free disk under which only refusals, kill
                                                                        ///< switches and checkpoints are written
inline constexpr std::uint64_t disk_reserve_bytes = 16 * MiB;  ///< a file that is given up on a full disk for what
                                                               ///< stops things

// ---- lists --------------------------------------------------------------------------------------------------------
inline constexpr std::size_t list_limit_default = 50;           ///< items of a page when `limit` is not sent
inline constexpr std::size_t list_limit_max = 200;              ///< items of a page: 422
inline constexpr std::size_t list_bytes_max = 1 * MiB;          ///< a page ends there, never before its first item
inline constexpr std::size_t search_top_k_default = 10;         ///< hits of a search when `top_k` is not sent
inline constexpr std::size_t search_top_k_max = 100;            ///< hits of a search: 422
inline constexpr std::size_t search_query_bytes_max = 2 * KiB;  ///< `query_text` of a search: 422
inline constexpr std::size_t search_query_words_max = 32;       ///< words in it: 422
inline constexpr std::size_t search_prefix_words_max = 1024;    ///< words that the prefixes of a search stand for
                                                                ///< together; the later ones of the alphabet are left
                                                                ///< out
inline constexpr std::size_t search_prefix_occurrences_max = 32'768;  ///< occurrences of those words

// ---- rates --------------------------------------------------------------------------------------------------------
inline constexpr std::uint32_t requests_default = 6000;  ///< requests a window, per tenant, env and action: 429
inline constexpr std::uint32_t requests_window_seconds_default = 60;  ///< that window
inline constexpr std::uint32_t refusal_rows_per_second_max = 10;     ///< audit rows of refusals of one kind in a chain;
                                                                     ///< more are counted
inline constexpr std::chrono::seconds refusal_rows_spacing_max{60};  ///< between two such rows while refusals go on

// ---- identity -----------------------------------------------------------------------------------------------------
inline constexpr std::chrono::hours token_lifetime_default{12};    ///< a token made without `ttl_seconds`
inline constexpr std::chrono::hours token_lifetime_max{365 * 24};  ///< `exp` of any token: 401, when made 422
inline constexpr std::chrono::seconds token_leeway{30};            ///< clocks may differ by so much
inline constexpr std::chrono::seconds ticket_lifetime{30};         ///< a stream ticket, used once: 401
inline constexpr std::size_t tickets_per_user_max = 1000;          ///< unused tickets of one user: 429
inline constexpr std::size_t tickets_max = 20'000;                 ///< unused tickets of all users: 503
inline constexpr std::chrono::minutes presign_lifetime{15};        ///< a presigned form or link: 403
inline constexpr std::chrono::hours idempotency_lifetime{24};      ///< a stored first answer
inline constexpr std::size_t stored_answer_bytes_max = 64 * KiB;   ///< of it; a larger one is made anew of its subject
inline constexpr std::uint64_t stored_answers_bytes_default = 1 * GiB;  ///< of a tenant; above it the oldest go early
inline constexpr std::chrono::hours token_row_lifetime{30 * 24};        ///< an expired token is listed for
inline constexpr std::chrono::hours tombstone_lifetime{30 * 24};        ///< the row of a deleted thing stays for

// ---- streams ------------------------------------------------------------------------------------------------------
inline constexpr std::size_t streams_max_default = 20'000;     ///< open streams of the daemon: 503
inline constexpr std::size_t streams_per_user_default = 1000;  ///< open streams of one user: 429

// ---- how they hang together ---------------------------------------------------------------------------------------
static_assert(connections_reserved < connections_max, "streams need places of their own");
static_assert(upload_bytes_hard_max <= 5 * GiB, "S3 takes no larger object by one POST");
static_assert(card_header_bytes_max < card_bytes_max);
static_assert(safe_extension_bytes_max < safe_filename_bytes_max);
static_assert(safe_filename_bytes_max <= 255, "the local store keeps a filename as one name of the file system");
static_assert(head_deadline < keep_alive_idle);
static_assert(list_limit_default <= list_limit_max && search_top_k_default <= search_top_k_max);
static_assert(tickets_per_user_max < tickets_max, "no user alone keeps the others from theirs");
static_assert(token_lifetime_default <= token_lifetime_max);

}  // namespace nexus::limits
