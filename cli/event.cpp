// nexusctl event: what was done in a tenant and env, newest first. The daemon masked what was personal in it.
#include "cli/commands.hpp"
#include "cli/listing.hpp"
#include "cli/rail_tail.hpp"

namespace nexus::cli {
namespace {

const Shape kEventShape = {
    "event_id", {"event_id", "created_at", "event_type", "surface", "actor_id", "asset_id", "pii_flags", "train_ok"}};
constexpr const char* kFilters[] = {"event_type", "surface", "actor", "trace_id", "run_id", "since", "until"};

/// `event_type` as the option `--event-type`.
std::string option_of(std::string filter) {
  for (char& c : filter) c = c == '_' ? '-' : c;
  return "--" + filter;
}

int run_list(Session& session, const Values& values) {
  ApiRequest request = {.path = "/events"};
  for (const char* filter : kFilters)
    if (const auto value = values.find(option_of(filter))) request.query.emplace_back(filter, *value);
  return print_pages(session, values, std::move(request), kEventShape);
}

int run_show(Session& session, const Values& values) {
  session.print_record(session.call({.path = "/events/" + segment(values.text("EVENT_ID"))}).json, kEventShape);
  return 0;
}

/// The type leads: it says what happened.
std::string person_line(const Json& event) {
  if (std::string line = rail_line(event); !line.empty()) return line;
  std::string line;
  for (const char* path : {"created_at", "event_type", "actor_id", "asset_id"})
    if (const Json* found = at_path(event, path); found != nullptr && !found->is_null())
      line += (line.empty() ? "" : "  ") + cell_text(*found);
  return line;
}

int run_event_tail(Session& session, const Values& values) {
  Tail tail = {.request = {.path = "/sse/events"}, .shape = kEventShape, .person = person_line};
  if (const auto type = values.find("--event-type")) tail.request.query.emplace_back("event_type", *type);
  return run_tail(session, values, tail);
}

}  // namespace

Command event_command() {
  return {.name = "event",
          .summary = "activity events: list, show, tail",
          .example = "nexusctl event list --event-type raw_asset_registered",
          .commands = {
              {.name = "list",
               .summary = "list events, newest first",
               .example = "nexusctl event list --event-type raw_asset_registered --since 2026-11-23T00:00:00Z",
               .parameters = list_parameters({option("--event-type", "TYPE", "only events of this type"),
                                              option("--surface", "SURFACE", "only events of this surface"),
                                              option("--actor", "USER_ID", "only what this user did"),
                                              option("--trace-id", "TRACE_ID", "only events of this trace"),
                                              option("--run-id", "RUN_ID", "only events of this run"),
                                              option("--since", "TIME", "only events from this time on (RFC 3339)"),
                                              option("--until", "TIME", "only events before this time (RFC 3339)")}),
               .run = run_list},
              {.name = "show",
               .summary = "show one event",
               .example = "nexusctl event show 01933f9e-7c1b-7000-8000-0123456789ab -o json",
               .parameters = {argument("EVENT_ID", "the event")},
               .run = run_show},
              {.name = "tail",
               .summary = "follow events as they happen; reconnects and resumes by itself",
               .example = "nexusctl event tail --event-type raw_asset_registered -o jsonl",
               .parameters = tail_parameters({option("--event-type", "TYPE", "only events of this type")}),
               .run = run_event_tail,
               .notes = "Ctrl-C ends it (130); the last cursor is told on standard error."},
          }};
}

}  // namespace nexus::cli
