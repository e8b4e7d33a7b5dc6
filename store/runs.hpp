// Runs as rows: those that clients start and finish, and those that are derived from traces. store/events counts an
// event in its run in the transaction that writes it. The callers decide what belongs to a run.
#pragma once
#include "daemon/base/realm.hpp"
#include "daemon/domain/event.hpp"
#include "daemon/runs/run.hpp"
#include "store/model_rows.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::store {

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
/// Counts an event that belongs to a run. The first event of a trace creates its run.
void count_run_event(Tx& tx, const domain::Event& event);

}  // namespace nexus::store
