#include "store/runs.hpp"

#include "store/events.hpp"
#include "store/sqlite/rows.hpp"

namespace nexus::store {
namespace {

Run run_of(const Query& q) {
  return {.tenant_id = q.text(0),
          .env = q.text(1),
          .run_id = q.text(2),
          .kind = q.text(3),
          .status = q.text(4),
          .metadata = q.text(5),
          .start_time = q.integer(6),
          .end_time = q.optional_integer(7),
          .events_count = q.integer(8),
          .cards_count = q.integer(9),
          .atoms_count = q.integer(10),
          .created_by = q.text(11)};
}

}  // namespace

// Literals, so that every statement stays one cached literal too.
#define NEXUS_SELECT_RUN                                                                                     \
  "SELECT tenant_id, env, run_id, kind, status, metadata, start_time, end_time, events_count, cards_count, " \
  "atoms_count, created_by FROM runs WHERE tenant_id = ?1 AND env = ?2 "
#define NEXUS_RUN_PAGE \
  "AND start_time >= ?3 AND (start_time, run_id) < (?4, ?5) ORDER BY start_time DESC, run_id DESC LIMIT ?6"

std::optional<Run> find_run(const Reader& reader, Realm realm, std::string_view run_id) {
  return first(reader.query(NEXUS_SELECT_RUN "AND run_id = ?3", realm, run_id), run_of);
}

std::vector<std::string> list_run_event_types(const Reader& reader, const Run& run) {
  return all(reader.query("SELECT event_type FROM run_event_types WHERE tenant_id = ?1 AND env = ?2 AND run_id = ?3 "
                          "ORDER BY event_type",
                          run.tenant_id, run.env, run.run_id),
             [](const Query& q) { return q.text(0); });
}

std::vector<Run> list_runs(const Reader& reader, Realm realm, const RunFilter& filter, const RunMark& before,
                           int limit) {
  const Micros since = filter.since.value_or(INT64_MIN);
  // Each by an index of its own: runs of traces may be many, and those of another kind few among them.
  return all(filter.kind
                 ? reader.query(NEXUS_SELECT_RUN "AND kind = ?7 " NEXUS_RUN_PAGE, realm, since, before.start_time,
                                before.run_id, limit, *filter.kind)
                 : reader.query(NEXUS_SELECT_RUN NEXUS_RUN_PAGE, realm, since, before.start_time, before.run_id, limit),
             run_of);
}

#undef NEXUS_SELECT_RUN
#undef NEXUS_RUN_PAGE

void insert_run(Tx& tx, const Run& run) {
  tx.run(
      "INSERT INTO runs (tenant_id, env, run_id, kind, status, metadata, start_time, end_time, created_by) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
      run.tenant_id, run.env, run.run_id, run.kind, run.status, run.metadata, run.start_time, run.end_time,
      run.created_by);
}

void finish_run(Tx& tx, const Run& run) {
  tx.run("UPDATE runs SET status = ?4, metadata = ?5, end_time = ?6 WHERE tenant_id = ?1 AND env = ?2 AND run_id = ?3",
         run.tenant_id, run.env, run.run_id, run.status, run.metadata, run.end_time);
}

void touch_trace_run(Tx& tx, Realm realm, std::string_view run_id, std::string_view user_id, Micros at) {
  tx.run(
      "INSERT INTO runs (tenant_id, env, run_id, kind, status, metadata, start_time, end_time, created_by) "
      "VALUES (?1, ?2, ?3, ?4, 'completed', '{}', ?5, ?5, ?6) ON CONFLICT (tenant_id, env, run_id) DO UPDATE "
      "SET end_time = excluded.end_time WHERE runs.kind = ?4 AND runs.end_time < excluded.end_time",
      realm, run_id, kTraceRun, at, user_id);
}

void count_run_event(Tx& tx, const Event& event) {
  touch_trace_run(tx, event.realm(), *event.run_id, event.actor_id, event.created_at);
  const auto made_of = [&](std::string_view type) { return event.event_type == type ? event.made : 0; };
  tx.run(
      "UPDATE runs SET events_count = events_count + 1, cards_count = cards_count + ?4, "
      "atoms_count = atoms_count + ?5 WHERE tenant_id = ?1 AND env = ?2 AND run_id = ?3",
      event.tenant_id, event.env, *event.run_id, made_of("card_created"), made_of("atom_created"));
  tx.run(
      "INSERT INTO run_event_types (tenant_id, env, run_id, event_type) VALUES (?1, ?2, ?3, ?4) "
      "ON CONFLICT DO NOTHING",
      event.tenant_id, event.env, *event.run_id, event.event_type);
}

}  // namespace nexus::store
