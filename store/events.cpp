#include "store/events.hpp"

#include "store/erasure.hpp"
#include "store/runs.hpp"
#include "store/sqlite/rows.hpp"

namespace nexus::store {
namespace {

#define NEXUS_EVENT_COLUMNS                                                                                           \
  "tenant_id, env, seq, event_id, surface, agent_id, actor_id, actor_type, event_type, asset_type, asset_id, input, " \
  "output, metadata, pii_flags, train_ok, trace_id, request_id, run_id, created_at"

SequencedEvent event_of(const Query& q) {
  SequencedEvent event;
  event.tenant_id = q.text(0);
  event.env = q.text(1);
  event.seq = q.integer(2);
  event.event_id = q.text(3);
  event.surface = q.text(4);
  event.agent_id = q.optional_text(5);
  event.actor_id = q.text(6);
  event.actor_type = q.text(7);
  event.event_type = q.text(8);
  event.asset_type = q.optional_text(9);
  event.asset_id = q.optional_text(10);
  event.input = q.text(11);
  event.output = q.text(12);
  event.metadata = q.text(13);
  event.pii_flags = q.text(14);
  event.train_ok = q.boolean(15);
  event.trace_id = q.text(16);
  event.request_id = q.text(17);
  event.run_id = q.optional_text(18);
  event.created_at = q.integer(19);
  return event;
}

// The same list thrice: by the sequence, where a type is named by the index of types, and by that of runs.
#define NEXUS_EVENT_FILTER                                                                                      \
  "tenant_id = ?1 AND env = ?2 AND seq < ?3 AND seq >= ?11 AND (?4 IS NULL OR surface = ?4) "                   \
  "AND (?5 IS NULL OR actor_id = ?5) "                                                                          \
  "AND (?6 IS NULL OR trace_id = ?6) AND (?7 IS NULL OR created_at >= ?7) AND (?8 IS NULL OR created_at < ?8) " \
  "AND (?13 IS NULL OR train_ok = ?13) "
constexpr std::string_view kList = "SELECT " NEXUS_EVENT_COLUMNS " FROM events WHERE " NEXUS_EVENT_FILTER
                                   "AND ?10 IS NULL AND ?12 IS NULL ORDER BY seq DESC LIMIT ?9";
constexpr std::string_view kListOfType = "SELECT " NEXUS_EVENT_COLUMNS " FROM events WHERE " NEXUS_EVENT_FILTER
                                         "AND event_type = ?10 AND ?12 IS NULL ORDER BY seq DESC LIMIT ?9";
constexpr std::string_view kListOfRun = "SELECT " NEXUS_EVENT_COLUMNS " FROM events WHERE " NEXUS_EVENT_FILTER
                                        "AND run_id = ?12 AND (?10 IS NULL OR event_type = ?10) "
                                        "ORDER BY seq DESC LIMIT ?9";

/// The first seq whose event is not older than `at`, by halving: events are written in order of time. Where the clock
/// was set back it is near, so the list compares times as well.
std::int64_t seq_at(const Reader& reader, Realm realm, Micros at) {
  std::int64_t low = 1, high = INT64_MAX;
  if (Query head = reader.query("SELECT seq FROM event_heads WHERE tenant_id = ?1 AND env = ?2", realm); head.next())
    high = head.integer(0) + 1;
  else
    return low;
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    Query q = reader.query(
        "SELECT created_at FROM events WHERE tenant_id = ?1 AND env = ?2 AND seq >= ?3 ORDER BY seq LIMIT 1", realm,
        middle);
    if (q.next() && q.integer(0) < at)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

}  // namespace

std::vector<SequencedEvent> list_events(const Reader& reader, Realm realm, const EventFilter& filter,
                                        std::int64_t before, int limit) {
  const std::int64_t first = filter.since ? seq_at(reader, realm, *filter.since) : 1;
  if (before <= 0) before = filter.until ? seq_at(reader, realm, *filter.until) : INT64_MAX;
  const std::string_view sql = filter.run_id ? kListOfRun : filter.event_type ? kListOfType : kList;
  Query q = reader.query(sql, realm, before, filter.surface, filter.actor, filter.trace_id, filter.since, filter.until,
                         limit, filter.event_type, first, filter.run_id, filter.train_ok);
  std::vector<SequencedEvent> out;
  while (q.next()) out.push_back(event_of(q));
  return out;
}

std::optional<SequencedEvent> find_event(const Reader& reader, Realm realm, std::string_view event_id) {
  Query q =
      reader.query("SELECT " NEXUS_EVENT_COLUMNS " FROM events WHERE tenant_id = ?1 AND env = ?2 AND event_id = ?3",
                   realm, event_id);
  if (!q.next()) return std::nullopt;
  return event_of(q);
}

std::vector<SequencedEvent> list_events_after(const Reader& reader, Realm realm,
                                              const std::optional<std::string>& event_type, std::int64_t after,
                                              int limit) {
  // Two statements, so that a type is found by its own index.
  Query q = event_type ? reader.query("SELECT " NEXUS_EVENT_COLUMNS
                                      " FROM events WHERE tenant_id = ?1 AND env = ?2 AND event_type = ?3 AND seq > ?4 "
                                      "ORDER BY seq LIMIT ?5",
                                      realm, event_type, after, limit)
                       : reader.query("SELECT " NEXUS_EVENT_COLUMNS
                                      " FROM events WHERE tenant_id = ?1 AND env = ?2 AND seq > ?3 "
                                      "ORDER BY seq LIMIT ?4",
                                      realm, after, limit);
  std::vector<SequencedEvent> out;
  while (q.next()) out.push_back(event_of(q));
  return out;
}

EventSpan find_event_span(const Reader& reader, Realm realm) {
  Query q = reader.query(
      "SELECT seq, messages_pruned_to, activity_pruned_to FROM event_heads WHERE tenant_id = ?1 AND env = ?2", realm);
  if (!q.next()) return {};
  return {q.integer(0), q.integer(1), q.integer(2)};
}

void note_messages_pruned(Tx& tx, Realm realm, std::int64_t seq) {
  tx.run(
      "UPDATE event_heads SET messages_pruned_to = ?3 "
      "WHERE tenant_id = ?1 AND env = ?2 AND messages_pruned_to < ?3",
      realm, seq);
}

std::vector<EventSequence> list_old_events(const Reader& reader, Micros before) {
  return all(reader.query("SELECT tenant_id, env FROM event_heads AS head WHERE (SELECT created_at FROM events WHERE "
                          "tenant_id = head.tenant_id AND env = head.env ORDER BY seq LIMIT 1) < ?1",
                          before),
             [](const Query& q) {
               return EventSequence{q.text(0), q.text(1)};
             });
}

std::int64_t prune_events(Tx& tx, const EventSequence& sequence, Micros before, int limit) {
  std::int64_t last = 0;
  {
    Query q = tx.query("SELECT seq, created_at FROM events WHERE tenant_id = ?1 AND env = ?2 ORDER BY seq LIMIT ?3",
                       sequence.tenant_id, sequence.env, limit);
    while (q.next() && q.integer(1) < before) last = q.integer(0);
  }
  tx.run(
      "UPDATE event_heads SET activity_pruned_to = ?3 "
      "WHERE tenant_id = ?1 AND env = ?2 AND activity_pruned_to < ?3",
      sequence.tenant_id, sequence.env, last);
  return tx.run("DELETE FROM events WHERE tenant_id = ?1 AND env = ?2 AND seq <= ?3", sequence.tenant_id, sequence.env,
                last);
}

bool erase_events(Tx& tx, const Subject& subject, int limit) {
  return tx.run(
             "UPDATE events SET input = '{}', output = '{}', metadata = '{}', train_ok = 0 WHERE rowid IN "
             "(SELECT rowid FROM events WHERE tenant_id = ?1 AND env = ?2 AND asset_type = ?3 AND asset_id = ?4 "
             "AND (input <> '{}' OR output <> '{}' OR metadata <> '{}') ORDER BY rowid LIMIT ?5)",
             subject.tenant_id, subject.env, subject.type, subject.id, limit) < limit;
}

std::int64_t append_event(Tx& tx, const Event& event) {
  std::int64_t seq = 0;
  {
    Query q = tx.query(
        "INSERT INTO event_heads (tenant_id, env, seq) VALUES (?1, ?2, 1) "
        "ON CONFLICT (tenant_id, env) DO UPDATE SET seq = event_heads.seq + 1 RETURNING seq",
        event.tenant_id, event.env);
    q.next();
    seq = q.integer(0);
  }
  tx.run(
      "INSERT INTO events (tenant_id, env, seq, event_id, surface, agent_id, actor_id, actor_type, event_type, "
      "asset_type, asset_id, input, output, metadata, pii_flags, train_ok, trace_id, request_id, run_id, "
      "created_at, thread_id) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)",
      event.tenant_id, event.env, seq, event.event_id, event.surface, event.agent_id, event.actor_id, event.actor_type,
      event.event_type, event.asset_type, event.asset_id, event.input, event.output, event.metadata, event.pii_flags,
      event.train_ok, event.trace_id, event.request_id, event.run_id, event.created_at, event.thread_id);
  if (event.run_id) count_run_event(tx, event);
  tx.touch(event.realm());
  return seq;
}

}  // namespace nexus::store
