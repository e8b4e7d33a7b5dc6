// Events as rows: one dense sequence per tenant and env; and runs, which clients start and finish, or which are derived
// from traces. The callers decide what an event means, who may read it, and what belongs to a run.
#pragma once
#include "daemon/domain/event.hpp"
#include "daemon/runs/run.hpp"
#include "store/model_rows.hpp"

namespace nexus::store {

struct Subject;

/// The filter of a list of events. Empty members do not filter.
struct EventFilter {
  std::optional<std::string> event_type, surface, actor, trace_id;
  std::optional<Micros> since, until;  // `since` inclusive, `until` exclusive
  std::optional<std::string> run_id = {};
  std::optional<bool> train_ok = {};
  std::optional<std::string> request_id = {};
};

/// Newest first, below `before` (0: from the head).
std::vector<domain::Event> list_events(const Reader& reader, Realm realm, const EventFilter& filter,
                                       std::int64_t before, int limit);
std::optional<domain::Event> find_event(const Reader& reader, Realm realm, std::string_view event_id);

/// Events with a seq above `after`, oldest first; only those of `event_type` if given.
std::vector<domain::Event> list_events_after(const Reader& reader, Realm realm,
                                             const std::optional<std::string>& event_type, std::int64_t after,
                                             int limit);

/// The part of a sequence that is still kept: all events after `pruned_to`, up to `head`. Messages and activity have
/// different retention times.
struct EventSpan {
  std::int64_t head = 0;
  std::int64_t messages_pruned_to = 0;
  std::int64_t activity_pruned_to = 0;
};
EventSpan find_event_span(const Reader& reader, Realm realm);
/// The seq of the newest event; 0 before the first.
std::int64_t last_event_seq(const Reader& reader, Realm realm);

/// Rows of the sequence that have a retention time of their own, and the mark up to where they are pruned.
struct Retained {
  std::string_view table, mark;
};
inline constexpr Retained kActivity{"events", "activity_pruned_to"};
inline constexpr Retained kMessages{"chat_messages", "messages_pruned_to"};  // of all threads, tombstones included

/// Where the oldest row was written before `before`.
std::vector<Place> list_overdue(const Reader& reader, const Retained& rows, Micros before);
/// Removes at most `limit` rows written before `before`, from the oldest up to the first newer one, and notes the last
/// seq. Returns their number. The rest has no gap.
std::int64_t prune(Tx& tx, const Retained& rows, Realm realm, Micros before, int limit);
/// How many rows were written before `before`, up to kCountMax (retention.hpp).
std::int64_t count_overdue(const Reader& reader, const Retained& rows, Micros before);
/// Notes that rows up to `seq` are pruned, in the transaction that removes them. The mark never decreases.
void note_pruned(Tx& tx, const Retained& rows, Realm realm, std::int64_t seq);

/// Erases the content of up to `limit` events about a subject and excludes them from training. Returns whether none is
/// left.
bool erase_events(Tx& tx, const Subject& subject, int limit);

/// Appends the event under the next seq of its tenant and env, and counts it in its run. The first event of a trace
/// creates its run. Returns that seq.
std::int64_t append_event(Tx& tx, domain::Event event);

// ---- runs ----------------------------------------------------------------------------------------------------------

using runs::Run;

/// The types of the run's events, in alphabetical order.
std::vector<std::string> list_run_event_types(const Reader& reader, const Run& run);

struct RunFilter {
  std::optional<std::string> kind;
  std::optional<Micros> since;  // started at or after
};
/// Newest start first, from before `before`.
std::vector<Run> list_runs(const Reader& reader, Realm realm, const RunFilter& filter, const PageMark& before,
                           int limit);

/// Notes an act in a trace's run, which begins with its first act. Does nothing for a run that a client started.
void touch_trace_run(Tx& tx, Realm realm, std::string_view run_id, std::string_view user_id, Micros at);

}  // namespace nexus::store
