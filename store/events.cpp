#include "store/events.hpp"

#include "store/erasure.hpp"
#include "store/heads.hpp"
#include "store/retention.hpp"

namespace nexus::store {

using domain::Event;
using domain::kEvent;

namespace {

constexpr Heads::Table kSequences{
    [](const Reader& reader, Realm realm) {
      return first(reader.query("SELECT seq FROM event_heads WHERE tenant_id = ?1 AND env = ?2", realm),
                   [](const Query& q) { return Head{q.integer(0)}; });
    },
    [](Tx& tx, Realm realm, const Head& head) {
      tx.run(
          "INSERT INTO event_heads (tenant_id, env, seq) VALUES (?1, ?2, ?3) "
          "ON CONFLICT (tenant_id, env) DO UPDATE SET seq = excluded.seq",
          realm, head.seq);
    }};

/// If the clock was set back the result is only near, so the list compares times as well.
std::int64_t event_seq_at(const Reader& reader, Realm realm, Micros at) {
  return seq_at(reader,
                "SELECT created_at FROM events WHERE tenant_id = ?1 AND env = ?2 AND seq >= ?3 ORDER BY seq LIMIT 1",
                realm, find_event_span(reader, realm).head + 1, at);
}

/// A trace's run begins with its first event, and lasts until its last one.
void count_run_event(Tx& tx, const domain::Event& event) {
  const auto made_of = [&](std::string_view type) { return event.event_type == type ? event.made : 0; };
  tx.run(
      "INSERT INTO runs (tenant_id, env, run_id, kind, status, metadata, start_time, end_time, created_by, "
      "events_count, cards_count, atoms_count) VALUES (?1, ?2, ?3, ?4, 'completed', '{}', ?5, ?5, ?6, 1, ?7, ?8) "
      "ON CONFLICT (tenant_id, env, run_id) DO UPDATE SET events_count = runs.events_count + 1, "
      "cards_count = runs.cards_count + excluded.cards_count, atoms_count = runs.atoms_count + excluded.atoms_count, "
      "end_time = CASE WHEN runs.kind = ?4 AND runs.end_time < excluded.end_time THEN excluded.end_time "
      "ELSE runs.end_time END",
      event.realm(), *event.run_id, runs::kTraceRun, event.created_at, event.actor_id, made_of("card_created"),
      made_of("atom_created"));
  tx.run(
      "INSERT INTO run_event_types (tenant_id, env, run_id, event_type) VALUES (?1, ?2, ?3, ?4) "
      "ON CONFLICT DO NOTHING",
      event.realm(), *event.run_id, event.event_type);
}

}  // namespace

std::vector<Event> list_events(const Reader& reader, Realm realm, const EventFilter& filter, std::int64_t before,
                               int limit) {
  static const std::string filtered =
      select_rows<kEvent>() +
      "AND seq < ?3 AND seq >= ?11 AND (?4 IS NULL OR surface = ?4) AND (?5 IS NULL OR actor_id = ?5) "
      "AND (?6 IS NULL OR trace_id = ?6) AND (?7 IS NULL OR created_at >= ?7) AND (?8 IS NULL OR created_at < ?8) "
      "AND (?13 IS NULL OR train_ok = ?13) AND (?14 IS NULL OR request_id = ?14) ";
  static const std::string newest_first = " ORDER BY seq DESC LIMIT ?9";
  // Three variants of the list, by the index of the sequence, of types and of runs.
  static const std::string of_all = filtered + "AND ?10 IS NULL AND ?12 IS NULL" + newest_first;
  static const std::string of_type = filtered + "AND event_type = ?10 AND ?12 IS NULL" + newest_first;
  static const std::string of_run = filtered + "AND run_id = ?12 AND (?10 IS NULL OR event_type = ?10)" + newest_first;
  const std::int64_t first = filter.since ? event_seq_at(reader, realm, *filter.since) : 1;
  if (before <= 0) before = filter.until ? event_seq_at(reader, realm, *filter.until) : INT64_MAX;
  return all(reader.query(filter.run_id       ? of_run
                          : filter.event_type ? of_type
                                              : of_all,
                          realm, before, filter.surface, filter.actor, filter.trace_id, filter.since, filter.until,
                          limit, filter.event_type, first, filter.run_id, filter.train_ok, filter.request_id),
             row_of<kEvent>);
}

std::optional<Event> find_event(const Reader& reader, Realm realm, std::string_view event_id) {
  static const std::string text = select_rows<kEvent>() + "AND event_id = ?3";
  return first(reader.query(text, realm, event_id), row_of<kEvent>);
}

std::vector<Event> list_events_after(const Reader& reader, Realm realm, const std::optional<std::string>& event_type,
                                     std::int64_t after, int limit) {
  // Two statements, so that a type uses its own index.
  static const std::string of_all = select_rows<kEvent>() + "AND ?3 IS NULL AND seq > ?4 ORDER BY seq LIMIT ?5";
  static const std::string of_type = select_rows<kEvent>() + "AND event_type = ?3 AND seq > ?4 ORDER BY seq LIMIT ?5";
  return all(reader.query(event_type ? of_type : of_all, realm, event_type, after, limit), row_of<kEvent>);
}

EventSpan find_event_span(const Reader& reader, Realm realm) {
  Query q = reader.query(
      "SELECT seq, messages_pruned_to, activity_pruned_to FROM event_heads WHERE tenant_id = ?1 AND env = ?2", realm);
  if (!q.next()) return {};
  return {q.integer(0), q.integer(1), q.integer(2)};
}

std::vector<Place> list_overdue(const Reader& reader, const Retained& rows, Micros before) {
  const std::string sql = "SELECT tenant_id, env FROM event_heads AS head WHERE (SELECT created_at FROM " +
                          std::string(rows.table) +
                          " WHERE tenant_id = head.tenant_id AND env = head.env ORDER BY seq LIMIT 1) < ?1";
  return all(reader.query(sql, before), place_of);
}

std::int64_t count_overdue(const Reader& reader, const Retained& rows, Micros before) {
  const std::string of_realm = std::string(rows.table) + " WHERE tenant_id = ?1 AND env = ?2 ";
  std::int64_t count = 0;
  for (const Place& place : list_overdue(reader, rows, before)) {
    const std::int64_t end = seq_at(reader, "SELECT created_at FROM " + of_realm + "AND seq >= ?3 ORDER BY seq LIMIT 1",
                                    place.realm(), find_event_span(reader, place.realm()).head + 1, before);
    count += integer_of(
        reader.query("SELECT count(*) FROM (SELECT 1 AS one FROM " + of_realm + "AND seq < ?3 LIMIT ?4) AS counted",
                     place.realm(), end, kCountMax - count));
    if (count >= kCountMax) break;
  }
  return count;
}

std::int64_t prune(Tx& tx, const Retained& rows, Realm realm, Micros before, int limit) {
  const std::string of_realm = std::string(rows.table) + " WHERE tenant_id = ?1 AND env = ?2 ";
  std::int64_t last = 0;
  {
    Query q = tx.query("SELECT seq, created_at FROM " + of_realm + "ORDER BY seq LIMIT ?3", realm, limit);
    while (q.next() && q.integer(1) < before) last = q.integer(0);
  }
  note_pruned(tx, rows, realm, last);
  return tx.run("DELETE FROM " + of_realm + "AND seq <= ?3", realm, last);
}

void note_pruned(Tx& tx, const Retained& rows, Realm realm, std::int64_t seq) {
  const std::string mark(rows.mark);
  tx.run("UPDATE event_heads SET " + mark + " = ?3 WHERE tenant_id = ?1 AND env = ?2 AND " + mark + " < ?3", realm,
         seq);
}

bool erase_events(Tx& tx, const Subject& subject, int limit) {
  return tx.run(
             "UPDATE events SET input = '{}', output = '{}', metadata = '{}', train_ok = 0 "
             "WHERE tenant_id = ?1 AND env = ?2 AND seq IN "
             "(SELECT seq FROM events WHERE tenant_id = ?1 AND env = ?2 AND asset_type = ?3 AND asset_id = ?4 "
             "AND (input <> '{}' OR output <> '{}' OR metadata <> '{}') LIMIT ?5)",
             subject.realm(), subject.type, subject.id, limit) < limit;
}

std::int64_t last_event_seq(const Reader& reader, Realm realm) {
  return Heads::find(reader, kSequences, realm).value_or(Head{}).seq;
}

std::int64_t append_event(Tx& tx, Event event) {
  event.seq = last_event_seq(tx, event.realm()) + 1;
  insert_row<kEvent>(tx, event);
  Heads::move(tx, kSequences, event.realm(), {event.seq});
  if (event.run_id) count_run_event(tx, event);
  return event.seq;
}

std::vector<std::string> list_run_event_types(const Reader& reader, const Run& run) {
  return all(reader.query("SELECT event_type FROM run_event_types WHERE tenant_id = ?1 AND env = ?2 AND run_id = ?3 "
                          "ORDER BY event_type",
                          run.realm(), run.run_id),
             only_text);
}

std::vector<Run> list_runs(const Reader& reader, Realm realm, const RunFilter& filter, const PageMark& before,
                           int limit) {
  static const std::string page =
      "AND start_time >= ?3 AND (start_time, run_id) < (?4, ?5) ORDER BY start_time DESC, run_id DESC LIMIT ?6";
  // Each has its own index, because runs of traces may be many, and those of another kind few among them.
  static const std::string of_all = select_rows<runs::kRun>() + page;
  static const std::string of_kind = select_rows<runs::kRun>() + "AND kind = ?7 " + page;
  const Micros since = filter.since.value_or(INT64_MIN);
  return all(filter.kind ? reader.query(of_kind, realm, since, before.at, before.id, limit, *filter.kind)
                         : reader.query(of_all, realm, since, before.at, before.id, limit),
             row_of<runs::kRun>);
}

void touch_trace_run(Tx& tx, Realm realm, std::string_view run_id, std::string_view user_id, Micros at) {
  tx.run(
      "INSERT INTO runs (tenant_id, env, run_id, kind, status, metadata, start_time, end_time, created_by) "
      "VALUES (?1, ?2, ?3, ?4, 'completed', '{}', ?5, ?5, ?6) ON CONFLICT (tenant_id, env, run_id) DO UPDATE "
      "SET end_time = excluded.end_time WHERE runs.kind = ?4 AND runs.end_time < excluded.end_time",
      realm, run_id, runs::kTraceRun, at, user_id);
}

}  // namespace nexus::store
