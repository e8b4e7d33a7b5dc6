#include "store/runs.hpp"

#include "store/events.hpp"
#include "store/model_rows.hpp"

namespace nexus::store {

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

void count_run_event(Tx& tx, const domain::Event& event) {
  touch_trace_run(tx, event.realm(), *event.run_id, event.actor_id, event.created_at);
  const auto made_of = [&](std::string_view type) { return event.event_type == type ? event.made : 0; };
  tx.run(
      "UPDATE runs SET events_count = events_count + 1, cards_count = cards_count + ?4, "
      "atoms_count = atoms_count + ?5 WHERE tenant_id = ?1 AND env = ?2 AND run_id = ?3",
      event.realm(), *event.run_id, made_of("card_created"), made_of("atom_created"));
  tx.run(
      "INSERT INTO run_event_types (tenant_id, env, run_id, event_type) VALUES (?1, ?2, ?3, ?4) "
      "ON CONFLICT DO NOTHING",
      event.realm(), *event.run_id, event.event_type);
}

}  // namespace nexus::store
