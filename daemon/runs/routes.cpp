// Routes of runs: start, finish, list, and one run with its events. daemon/http/exchange assigns requests to a run.
#include "daemon/base/uuid.hpp"
#include "daemon/domain/event_json.hpp"
#include "daemon/domain/services.hpp"
#include "daemon/http/problems.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/http/surface.hpp"
#include "daemon/model/draft.hpp"
#include "daemon/model/json.hpp"
#include "daemon/model/problems.hpp"
#include "store/events.hpp"
#include "store/model_rows.hpp"

namespace nexus::runs {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
namespace schema = http::schema;

/// The members of a run's metadata that the daemon itself writes.
constexpr const char* kEventTypes = "event_types";

Json run_json(const store::Reader& reader, const Run& run) {
  Json out = model::json_of(kRun, run);
  out["metadata"][kEventTypes] = store::list_run_event_types(reader, run);
  out["created_at"] = out["start_time"];
  return out;
}

Json run_schema() {
  Json out = schema::with(model::answer_schema(kRun), {{"created_at", schema::time()}});
  out["properties"]["metadata"]["properties"][kEventTypes] = schema::list(schema::text("in alphabetical order"));
  out["properties"]["metadata"]["required"] = {kEventTypes};
  return out;
}

/// A run together with one page of its events.
Json shown_schema() {
  return schema::with(
      schema::named("ResearchRunDetail", run_schema()),
      {{"events", schema::list(domain::event_or_outline_schema())}, {"next_cursor", schema::nullable(schema::text())}});
}

Json metadata_schema() {
  Json metadata = schema::any_object(limits::metadata_bytes_max);
  metadata["propertyNames"]["pattern"] = "^(?!event_types$)[^\\u0000]*$";  // the daemon sets them
  return metadata;
}

Json start_schema() {
  Json out = schema::named("RunStart", model::create_schema(kRun));
  out["properties"]["metadata"] = metadata_schema();
  return out;
}

Json finish_schema() {
  return schema::named("RunFinish",
                       schema::object({"status"}, {{"status", schema::choice({"completed", "failed", "cancelled"})},
                                                   {"metadata", metadata_schema()}}));
}

void judge_metadata(Input& input, const Json& metadata) {
  if (metadata.contains(kEventTypes)) input.body.fault("metadata", "must not hold event_types, which the daemon tells");
}

// ---- start and finish -----------------------------------------------------------------------------------------------

struct Start {
  Run run;
  audit::Activity started;  // prepared
};

Start parse_start(Input& input) {
  Run run = model::take_new(kRun, input.body).value;
  judge_metadata(input, parse_own_json(run.metadata));
  run.tenant_id = input.caller.realm().tenant;
  run.env = input.caller.realm().env;
  run.run_id = new_id(input.caller.tenant());
  run.start_time = now_micros();
  run.created_by = input.caller.user_id;
  audit::Activity started{"run_started", "run", run.run_id, model::json_of(kRun, run, {"kind", "metadata"})};
  return {std::move(run), audit::prepared(std::move(started))};
}

Applied start(store::Tx& tx, const Caller&, const Start& value) {
  const Run& run = value.run;
  store::insert_row<kRun>(tx, run);
  return {.json = run_json(tx, run),
          .subject_type = "run",
          .subject_id = run.run_id,
          .details = model::json_of(kRun, run, {"kind"}),
          .events = {value.started},
          .fields = {{"Location", "/nexus/runs/" + run.run_id}}};
}

struct Finish {
  std::string run_id, status;
  Json metadata;
  audit::Activity finished;  // prepared; the counts are known to the unit alone
};

Finish parse_finish(Input& input) {
  Finish value{input.param("run_id"),
               input.body.optional_choice("status", {"completed", "failed", "cancelled"}).value_or(""),
               input.body.optional_object("metadata", limits::metadata_bytes_max).value_or(Json::object()),
               {"run_finished", "run", input.param("run_id")}};
  judge_metadata(input, value.metadata);
  input.body.require("status");
  value.finished.input = make_object({{"status", value.status}, {"metadata", value.metadata}});
  value.finished = audit::prepared(std::move(value.finished));
  return value;
}

Run find(const store::Reader& reader, const Caller& caller, const std::string& run_id) {
  return found(store::find_row<kRun>(reader, caller.realm(), run_id), problems::run_not_found);
}

/// The metadata of the end overrides that of the start, name by name.
std::string merged(const std::string& before, const Json& sent) {
  Json metadata = parse_own_json(before);
  metadata.update(sent);
  std::string text = to_text(metadata);
  if (text.size() <= limits::metadata_bytes_max) return text;
  Problem problem(problems::validation_failed,
                  "metadata, together with that of the start, must be at most 16384 bytes");
  throw problem.with_errors({{"/metadata", "must be at most 16384 bytes together with that of the start"}});
}

Applied finish(store::Tx& tx, const Caller& caller, const Finish& value) {
  Run run = find(tx, caller, value.run_id);
  if (run.kind == kTraceRun) throw Problem(problems::run_finished, "a trace's run ends by itself");
  if (run.status != "running") throw Problem(problems::run_finished, "the run is " + run.status + " already");
  run.status = value.status;
  run.metadata = merged(run.metadata, value.metadata);
  run.end_time = std::max(now_micros(), run.start_time);
  store::update_row<kRun>(tx, run);
  audit::Activity finished = value.finished;
  finished.output = model::json_of(kRun, run, {"events_count", "cards_count", "atoms_count"});
  return {.json = run_json(tx, run),
          .subject_type = "run",
          .subject_id = run.run_id,
          .details = model::json_of(kRun, run, {"kind", "status"}),
          .events = {std::move(finished)},
          .status = 200};
}

// ---- read -----------------------------------------------------------------------------------------------------------

struct List {
  http::Page page;
  store::RunFilter filter;
};

List parse_list(Input& input) {
  return {
      http::take_page(input, "runs"),
      {.kind = input.query.optional_text("kind", {.min = 1, .max = 64}), .since = input.query.optional_time("since")}};
}

Reply list(const store::Reader& reader, const Caller& caller, const List& asked) {
  const auto rows =
      store::list_runs(reader, caller.realm(), asked.filter, http::mark_of(asked.page.mark), asked.page.limit + 1);
  return {.json = http::page_json<Run>(
              asked.page, rows, [&](const Run& run) { return run_json(reader, run); },
              [](const Run& run) { return http::mark_text(run.start_time, run.run_id); })};
}

struct Show {
  std::string run_id;
  http::Page page;
};

Show parse_show(Input& input) {
  // A cursor is bound to its run, too.
  return {input.param("run_id"), http::take_page(input, "run_events\n" + input.param("run_id"))};
}

Reply show(const store::Reader& reader, const Caller& caller, const Show& asked) {
  const Run run = find(reader, caller, asked.run_id);
  store::EventFilter of_run;
  of_run.run_id = run.run_id;
  auto rows =
      store::list_events(reader, caller.realm(), of_run, http::number_of_mark(asked.page.mark), asked.page.limit + 1);
  Json page = domain::event_page(asked.page, std::move(rows), caller);
  Json json = run_json(reader, run);
  json["events"] = std::move(page["items"]);
  json["next_cursor"] = std::move(page["next_cursor"]);
  return {.json = std::move(json)};
}

// ---- routes ---------------------------------------------------------------------------------------------------------

std::vector<http::QueryParameter> list_parameters() {
  auto out = http::page_parameters();
  out.push_back({"kind", "Only runs of this kind; trace are those derived from traces", schema::text_between(1, 64)});
  out.push_back({"since", "Only runs that started at this time or later", schema::time()});
  return out;
}

}  // namespace

void add_routes(http::RouteTable& routes, const domain::Services&) {
  routes.describe("runs", "Research runs and their events");
  const http::Surface surface{.name = "runs", .read_action = "runs_read"};
  const std::string one = "/nexus/runs/{run_id}";
  routes.add(surface.create("/nexus/runs", "run_start", http::writes(parse_start, start),
                            {.summary = "Start a run; requests that send its id as X-Run-Id belong to it",
                             .request = start_schema(),
                             .response = run_schema()}));
  http::Route post_finish =
      surface.act(one + "/finish", "run_finish", http::writes(parse_finish, finish),
                  {.summary = "Finish a run", .request = finish_schema(), .response = run_schema(), .refusals = {404}});
  post_finish.policy = gates::Policy::telemetry;
  routes.add(std::move(post_finish));
  routes.add(surface.get(
      "/nexus/runs", http::reads(parse_list, list),
      {.summary = "List runs, newest first", .response = schema::page(run_schema()), .query = list_parameters()}));
  routes.add(surface.show(one, http::reads(parse_show, show),
                          {.summary = "Show a run with its events, newest first",
                           .response = shown_schema(),
                           .query = http::page_parameters()}));
}

}  // namespace nexus::runs
