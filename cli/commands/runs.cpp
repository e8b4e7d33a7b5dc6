// nexusctl runs: groups of requests, from start to end. Its commands belong to no run themselves. Otherwise a caller
// who keeps NEXUS_RUN_ID set could not look at a run that has ended.
#include <algorithm>
#include <thread>

#include "cli/engine/model_options.hpp"
#include "cli/rails/rail_tail.hpp"
#include "daemon/runs/run.hpp"

namespace nexus::cli {
namespace {

const Shape kRunShape = {"run_id",
                         {"run_id", "kind", "status", "start_time", "end_time", "events_count", "cards_count",
                          "atoms_count", "metadata.event_types"},
                         {{"events", {"event_id", "created_at", "event_type", "surface", "actor_id", "asset_id"}}}};
const Shape kRunsEventShape = {"event_id", kRunShape.lists.at("events")};

ApiRequest of_no_run(ApiRequest request) {
  request.headers.emplace_back("X-Run-Id", "");
  return request;
}

constexpr auto& kRunFields = model::specs_of<runs::kRun>;
constexpr const char* kOneRun = "/nexus/runs/{RUN_ID}";

Json finish_body(const Values& values) {
  Json body = body_of(values, kRunFields, Options::create, {"kind"});
  body["status"] = values.find("--status").value_or("completed");
  return body;
}

int run_show(Session& session, const Values& values) {
  if (values.given("--events"))
    return lists(of_no_run({.path = kOneRun}), kRunsEventShape, {}, "events")(session, values);
  for (const char* paging : {"--limit", "--cursor", "--all"})
    if (values.given(paging)) throw usage_error(std::string(paging) + " pages events: give --events too");
  return shows(of_no_run({.path = kOneRun, .query = {{"limit", "1"}}}), kRunShape)(session, values);
}

// ---- watch ----------------------------------------------------------------------------------------------------------

/// Returns the run as it is now. Its `events` are those after `seen` (all when `seen` is empty), oldest first.
Json look(Session& session, const std::string& path, const std::string& seen) {
  Json run, events = Json::array();
  each_page(session, of_no_run({.path = path, .query = {{"limit", "200"}}}), [&](Json& page) {
    bool more = true;
    for (auto& event : page["events"]) {
      more = event["event_id"] != seen;
      if (!more) break;
      events.push_back(std::move(event));
    }
    // The state when the newest of these events were read, so everything before the run's end is among them.
    if (run.is_null()) run = std::move(page);
    return more;
  });
  std::reverse(events.begin(), events.end());
  run["events"] = std::move(events);
  return run;
}

int run_watch(Session& session, const Values& values) {
  const auto pause = parse_duration(values.find("--interval").value_or("1s"), "--interval");
  const Tail tail{.request = {},
                  .shape = kRunsEventShape,
                  .person = cells_at({"created_at", "event_type", "actor_id", "asset_id"})};
  const std::string path = path_of(kOneRun, session, values);
  EventPrinter printer(session, tail);
  std::string seen;
  while (true) {
    const Json run = look(session, path, seen);
    for (const Json& event : run["events"]) {
      printer.print(event, event["event_type"].get<std::string>());
      seen = event["event_id"].get<std::string>();
    }
    const std::string status = run["status"].get<std::string>();
    if (status != "running") {
      session.note("the run is " + status);
      return status == "completed" ? printer.exit() : static_cast<int>(Exit::negative);
    }
    std::this_thread::sleep_for(pause);
  }
}

constexpr const char* kRunsDescription = R"(
A run gathers what was done for one purpose. Everything done with --run, or while NEXUS_RUN_ID is set, belongs to it:
its events and its audit rows carry the id, and the run counts its events, cards and atoms. A run that is unknown in
this tenant and env is not found (exit 6). After it has ended, the daemon refuses what would belong to it (exit 7).

What a client does with a `traceparent` header and without a run belongs to the run of its trace: its kind is `trace`,
its id is the trace id, and it is always completed, up to its last act.

The commands of this group belong to no run themselves, even when one is named.

Whoever did what an event tells, and admins, see the whole event of a run. Others see its id, type, time, surface,
asset type and counts.)";

constexpr const char* kWatchExitStatus = R"(
`runs watch` exits with 0 when the run was completed, and with 1 when it failed or was cancelled.)";

}  // namespace

Command runs_command() {
  const Parameter run = argument("RUN_ID", "the run (of a trace: the trace id)");
  return {
      .name = "runs",
      .topic = Topic::look_and_prove,
      .summary = "runs: what belongs together, from its start to its end",
      .description = kRunsDescription,
      .see_also = "nexusctl-event(1)",
      .example = "nexusctl runs start research --metadata '{\"topic\":\"tea\"}'",
      .commands = {
          creates({.name = "start",
                   .summary = "start a run",
                   .example = "nexusctl runs start research --metadata '{\"topic\":\"tea\"}'\n"
                              "nexusctl upload report.pdf --run RUN_ID"},
                  kRunFields, of_no_run({.method = "POST", .path = "/nexus/runs"}), kRunShape, {{"kind", "KIND"}},
                  {argument("KIND",
                            "what kind of run it is, as `research`: a small letter, then small "
                            "letters, digits and underscores")}),
          {.name = "finish",
           .summary = "finish a run; then nothing more can belong to it",
           .description = "--metadata adds to the metadata of the start, and replaces members of the same name.",
           .example = "nexusctl runs finish RUN_ID --status failed",
           .parameters = options_of(kRunFields, Options::create, {"kind"},
                                    {one_of({"completed", "failed", "cancelled"},
                                            option("--status", "STATUS", "completed, failed or cancelled (completed)")),
                                     run}),
           .run = sends(of_no_run({.method = "POST", .path = "/nexus/runs/{RUN_ID}/finish"}), kRunShape, finish_body)},
          list_command("list", "list runs, newest first", "nexusctl runs list --kind research --since 7d",
                       of_no_run({.path = "/nexus/runs"}), kRunShape,
                       {option("--kind", "KIND", "only of this kind; trace: those of traces"),
                        past(option("--since", "TIME", "only from this start on"))}),
          {.name = "show",
           .summary = "show a run, or its events, newest first",
           .example = "nexusctl runs show RUN_ID --events",
           .parameters = list_parameters({flag("--events", "its events instead, paged as lists are"), run}),
           .run = run_show},
          {.name = "watch",
           .summary = "print a run's events as they come, oldest first, until it ends",
           .exit_status = kWatchExitStatus,
           .example = "nexusctl runs watch RUN_ID --interval 5s",
           .parameters = {option("--interval", "TIME", "how often to look (1s)"), run},
           .run = run_watch,
           .beyond_curl = "asks again and again"},
      }};
}

}  // namespace nexus::cli
