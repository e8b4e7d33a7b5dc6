// A run: a group of requests, started and finished by a client, or derived from a trace.
#pragma once
#include "daemon/base/realm.hpp"
#include "daemon/limits.hpp"
#include "daemon/model/field.hpp"

namespace nexus::runs {

/// The kind of runs that are derived from traces; their run_id is the trace id.
inline constexpr std::string_view kTraceRun = "trace";

struct Run {
  std::string tenant_id;
  std::string env;
  std::string run_id;
  std::string kind;
  std::string status = "running";
  std::string metadata = "{}";
  Micros start_time = 0;
  std::optional<Micros> end_time = {};
  std::int64_t events_count = 0;
  std::int64_t cards_count = 0;
  std::int64_t atoms_count = 0;
  std::string created_by;
  Realm realm() const { return {.tenant = tenant_id, .env = env}; }
};

inline constexpr std::string_view kRunStatuses[] = {"running", "completed", "failed", "cancelled"};
inline bool is_run_kind(std::string_view text) { return model::is_action_name(text) && text != kTraceRun; }
inline constexpr model::Form kRunKind{
    "^(?!trace$)[a-z][a-z0-9_]*$", "must match ^[a-z][a-z0-9_]{0,63}$; trace is the kind of runs derived from traces",
    is_run_kind};

/// Answers also have created_at, and in metadata the types of the events.
inline constexpr model::Table kRun{
    "ResearchRun", "runs",
    std::array{
        model::tenant(&Run::tenant_id), model::env(&Run::env),
        model::key(model::made("run_id", &Run::run_id, {.help = "that of a trace is the trace id"})),
        model::field("kind", &Run::kind, {.max = 64, .form = &kRunKind, .required = true, .fixed = true}),
        model::made("status", &Run::status, {.choices = kRunStatuses}),
        model::document(
            "metadata", &Run::metadata,
            {.max = limits::metadata_bytes_max, .null_is_absent = true, .help = "an object that is kept with it"}),
        model::made_time("start_time", &Run::start_time, {.fixed = true}), model::made_time("end_time", &Run::end_time),
        model::made("events_count", &Run::events_count, {.fixed = true}),
        model::made("cards_count", &Run::cards_count, {.fixed = true}),
        model::made("atoms_count", &Run::atoms_count, {.fixed = true}),
        model::made("created_by", &Run::created_by, {.fixed = true})}};

}  // namespace nexus::runs
