// Runs as rows: those that clients start and finish, and those that are derived from traces. An event that belongs to a
// run is counted there by store/events in the transaction that writes it. What belongs to a run is decided above.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/clock.hpp"
#include "daemon/base/realm.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::store {

struct Event;

/// The kind of runs that are derived from traces; their run_id is the trace id.
inline constexpr std::string_view kTraceRun = "trace";

struct Run {
  std::string tenant_id;
  std::string env;
  std::string run_id;
  std::string kind;
  std::string status = "running";  // running | completed | failed | cancelled
  std::string metadata = "{}";     // JSON object
  Micros start_time = 0;
  std::optional<Micros> end_time = {};
  std::int64_t events_count = 0;
  std::int64_t cards_count = 0;
  std::int64_t atoms_count = 0;
  std::string created_by;
};

std::optional<Run> find_run(const Reader& reader, Realm realm, std::string_view run_id);
/// The types of its events, in alphabetical order.
std::vector<std::string> list_run_event_types(const Reader& reader, const Run& run);

struct RunFilter {
  std::optional<std::string> kind;
  std::optional<Micros> since;  // started at or after
};
/// Where a page of runs ended; a start before it goes on.
struct RunMark {
  Micros start_time = INT64_MAX;
  std::string run_id;
};
/// Newest start first, from before `before`.
std::vector<Run> list_runs(const Reader& reader, Realm realm, const RunFilter& filter, const RunMark& before,
                           int limit);

void insert_run(Tx& tx, const Run& run);
/// Writes status, metadata and end_time.
void finish_run(Tx& tx, const Run& run);
/// Notes an act of a trace's run, which begins with its first one; nothing on a run that somebody started.
void touch_trace_run(Tx& tx, Realm realm, std::string_view run_id, std::string_view user_id, Micros at);
/// Counts an event that belongs to a run; the first one of a trace makes its run.
void count_run_event(Tx& tx, const Event& event);

}  // namespace nexus::store
