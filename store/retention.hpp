// Rows that go once a time which they hold has passed, in small numbers; what waits for that; and how many rows there
// are of what is kept for ever. Rows with rules of their own have their statements elsewhere: events and messages
// (events.hpp), stored answers (idempotency.hpp), copies of what was deleted (erasure.hpp).
#pragma once
#include <span>
#include <string_view>

#include "daemon/base/clock.hpp"
#include "store/query.hpp"
#include "store/work.hpp"

namespace nexus::store {

/// Counts in this file end here: they tell that much waits, not how much.
inline constexpr int kCountMax = 10'000;

/// Rows of `table` under `condition` that go when their column `time` is past. An index has both.
struct Expiring {
  std::string_view kind, table, key, time, condition;
  /// Else they are of no tenant.
  constexpr bool has_realm() const { return key.starts_with("tenant_id, env"); }
};
/// A token's row. One stays, because the daemon must know that it has signed tokens.
inline constexpr Expiring kTokenRows{"expired_tokens", "tokens", "token_id", "expires_at",
                                     "token_id < (SELECT max(token_id) FROM tokens)"};
inline constexpr Expiring kDeniedTokens{"denied_tokens", "denied_tokens", "token_id", "until", "until IS NOT NULL"};
/// Tickets that nobody used.
inline constexpr Expiring kExpiredTickets{"expired_tickets", "tickets", "digest", "until", "until IS NOT NULL"};
/// Daemons that ended without a word. There are few: no index has them.
inline constexpr Expiring kGoneDaemons{"gone_daemons", "daemons", "daemon_id", "seen_at", "seen_at IS NOT NULL"};
/// Runs that no client started.
inline constexpr Expiring kTraceRuns{"trace_runs", "runs", "tenant_id, env, run_id", "end_time", "kind = 'trace'"};
/// What stayed of deleted things.
inline constexpr Expiring kTombstones[] = {
    {"deleted_uploads", "raw_assets", "tenant_id, env, asset_id", "deleted_at",
     "deleted_at IS NOT NULL AND sweeps = 2"},
    {"deleted_media", "media_assets", "tenant_id, env, asset_id", "deleted_at", "deleted_at IS NOT NULL"},
    {"deleted_cards", "cards", "tenant_id, env, card_id", "deleted_at", "deleted_at IS NOT NULL"},
    {"deleted_maybes", "maybes", "tenant_id, env, item_id", "deleted_at", "deleted_at IS NOT NULL"},
    {"deleted_sessions", "memory_sessions", "tenant_id, env, session_id, owner_id, generation", "deleted_at",
     "deleted_at IS NOT NULL AND turns_count = 0"}};

/// Where the rows are that were past before `before`: a place for each row, oldest first, up to `limit`. Only for rows
/// of realms.
std::vector<Place> list_expired(const Reader& reader, const Expiring& rows, Micros before, int limit);
/// Removes up to `limit` rows of these realms that were past before `before`, oldest first. Returns their number.
std::int64_t drop_expired(Tx& tx, const Expiring& rows, Micros before, int limit, const Realms& realms);
/// How many wait, up to kCountMax.
std::int64_t count_expired(const Reader& reader, const Expiring& rows, Micros before);

/// What is never removed, and how to count it.
struct Kept {
  std::string_view kind, table;
  bool by_number;  // rows are numbered as they come: the last number less the first is nearly their count
};
inline constexpr Kept kKept[] = {
    {"audit_rows", "audit_rows", true},
    {"audit_checkpoints", "audit_checkpoints", false},
    {"events", "events", true},
    {"chat_messages", "chat_messages", true},
    {"runs", "runs", true},
    {"usage_events", "usage_events", true},
    {"usage_rollups", "budget_rollups", false},
    {"kpi_observations", "kpi_observations", true},
    {"metric_rollups", "metric_rollups", false},
    {"temperature_snapshots", "temperature_snapshots", true},
    {"memory_sessions", "memory_sessions", true},
    {"memory_turns", "memory_turns", true},
    {"maybes", "maybes", true},
    {"cards", "cards", true},
    {"influence_packs", "influence_packs", false},
    {"atoms", "atoms", true},
    {"uploads", "raw_assets", true},
    {"media_assets", "media_assets", true},
    {"canvas_artifacts", "canvas_artifacts", true},
};
/// On SQLite it reads as many pages as the table has, unless its rows are numbered. PostgreSQL estimates large tables.
std::int64_t count_kept(const Reader& reader, const Kept& kept);

}  // namespace nexus::store
