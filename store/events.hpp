// Events as rows: one dense sequence per tenant and env. What an event means, and who may read it, is decided above.
#pragma once
#include "daemon/domain/event.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::store {

struct Subject;

/// What a list of events is narrowed to; nothing narrows nothing.
struct EventFilter {
  std::optional<std::string> event_type, surface, actor, trace_id;
  std::optional<Micros> since, until;  // since included, until not
  std::optional<std::string> run_id = {};
  std::optional<bool> train_ok = {};
};

/// Newest first, below `before` (0: from the head).
std::vector<domain::Event> list_events(const Reader& reader, Realm realm, const EventFilter& filter,
                                       std::int64_t before, int limit);
std::optional<domain::Event> find_event(const Reader& reader, Realm realm, std::string_view event_id);

/// Oldest first, from behind `after`; of one type, when it is named.
std::vector<domain::Event> list_events_after(const Reader& reader, Realm realm,
                                             const std::optional<std::string>& event_type, std::int64_t after,
                                             int limit);

/// What the sequence of a tenant and env still holds: all after `pruned_to`, up to `head`. Messages and the activity
/// beside them are kept for different times.
struct EventSpan {
  std::int64_t head = 0;
  std::int64_t messages_pruned_to = 0;
  std::int64_t activity_pruned_to = 0;
};
EventSpan find_event_span(const Reader& reader, Realm realm);
/// Notes that no message is kept up to `seq`, in the transaction that removes them. Never goes back.
void note_messages_pruned(Tx& tx, Realm realm, std::int64_t seq);

/// A sequence of events, by its tenant and env.
struct EventSequence {
  std::string tenant_id;
  std::string env;
};
/// Those whose oldest event was written before `before`.
std::vector<EventSequence> list_old_events(const Reader& reader, Micros before);
/// Removes, from the oldest on and up to the first that is not older, at most `limit` events written before `before`,
/// and notes up to where; answers how many. What is left has no gap.
std::int64_t prune_events(Tx& tx, const EventSequence& sequence, Micros before, int limit);

/// Takes what they tell out of up to `limit` events about a subject; models do not learn from what is left. Answers
/// whether none is left.
bool erase_events(Tx& tx, const Subject& subject, int limit);

/// Appends the event under the next seq of its tenant and env, counts it in its run, and answers that seq.
std::int64_t append_event(Tx& tx, domain::Event event);

}  // namespace nexus::store
