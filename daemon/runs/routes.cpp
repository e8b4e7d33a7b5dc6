// Routes of runs: start, finish, list, and one run with its events. How requests come to belong to a run is
// daemon/http/run_entry's.
#include <charconv>

#include "daemon/base/uuid.hpp"
#include "daemon/domain/event_json.hpp"
#include "daemon/domain/services.hpp"
#include "daemon/domain/words.hpp"
#include "daemon/http/page.hpp"
#include "daemon/http/problems.hpp"
#include "daemon/http/route.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/model/problems.hpp"
#include "store/runs.hpp"

namespace nexus::runs {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
using store::Run;
namespace schema = http::schema;

/// What the daemon itself says in a run's metadata.
constexpr const char* kEventTypes = "event_types";

Json run_json(const store::Reader& reader, const Run& run) {
  Json metadata = Json::parse(run.metadata);
  metadata[kEventTypes] = store::list_run_event_types(reader, run);
  return make_object({{"tenant_id", run.tenant_id},
                      {"env", run.env},
                      {"run_id", run.run_id},
                      {"kind", run.kind},
                      {"status", run.status},
                      {"start_time", to_rfc3339(run.start_time)},
                      {"end_time", time_or_null(run.end_time)},
                      {"events_count", run.events_count},
                      {"cards_count", run.cards_count},
                      {"atoms_count", run.atoms_count},
                      {"metadata", std::move(metadata)},
                      {"created_at", to_rfc3339(run.start_time)},
                      {"created_by", run.created_by}});
}

Json run_schema() {
  const Json count = schema::integer(0, INT64_MAX);
  return schema::named(
      "ResearchRun",
      schema::object({"tenant_id", "env", "run_id", "kind", "status", "start_time", "end_time", "events_count",
                      "cards_count", "atoms_count", "metadata", "created_at", "created_by"},
                     {{"tenant_id", schema::text()},
                      {"env", schema::env()},
                      {"run_id", schema::text("that of a trace is the trace id")},
                      {"kind", schema::text()},
                      {"status", schema::choice({"running", "completed", "failed", "cancelled"})},
                      {"start_time", schema::time()},
                      {"end_time", schema::nullable(schema::time())},
                      {"events_count", count},
                      {"cards_count", count},
                      {"atoms_count", count},
                      {"metadata",
                       {{"type", "object"},
                        {"required", Json::array({kEventTypes})},
                        {"properties", {{kEventTypes, schema::list(schema::text("in alphabetical order"))}}}}},
                      {"created_at", schema::time()},
                      {"created_by", schema::text()}}));
}

/// A run together with one page of its events.
Json shown_schema() {
  Json out = schema::named("ResearchRunDetail", run_schema());
  out["properties"]["events"] = schema::list(domain::event_or_outline_schema());
  out["properties"]["next_cursor"] = schema::nullable(schema::text());
  out["required"].insert(out["required"].end(), {"events", "next_cursor"});
  return out;
}

Json metadata_schema() {
  Json metadata = schema::any_object(limits::metadata_bytes_max);
  metadata["propertyNames"]["pattern"] = "^(?!event_types$)[^\\u0000]*$";  // the daemon tells them
  return metadata;
}

Json start_schema() {
  const Json kind = schema::pattern("^(?!trace$)[a-z][a-z0-9_]{0,63}$");  // those are derived from traces
  return schema::named("RunStart", schema::object({"kind"}, {{"kind", kind}, {"metadata", metadata_schema()}}));
}

Json take_metadata(Input& input) {
  Json metadata = input.body.optional_object("metadata", limits::metadata_bytes_max).value_or(Json::object());
  if (metadata.contains(kEventTypes)) input.body.fault("metadata", "event_types is told by the daemon: leave it out");
  return metadata;
}

// ---- start and finish -----------------------------------------------------------------------------------------------

struct Start {
  std::string kind;
  Json metadata;
};

Start parse_start(Input& input) {
  Start value{input.body.text("kind", {.min = 1, .max = 64}), take_metadata(input)};
  if (!value.kind.empty() && !domain::is_action_name(value.kind))
    input.body.fault("kind", "must match ^[a-z][a-z0-9_]{0,63}$");
  if (value.kind == store::kTraceRun) input.body.fault("kind", "trace is the kind of runs derived from traces");
  return value;
}

Applied start(store::Tx& tx, const Caller& caller, const Start& value) {
  const Run run{.tenant_id = caller.tenant().str(),
                .env = std::string(to_string(caller.env())),
                .run_id = new_id(caller.tenant()),
                .kind = value.kind,
                .metadata = to_text(value.metadata),
                .start_time = now_micros(),
                .created_by = caller.user_id};
  store::insert_run(tx, run);
  return {
      .json = run_json(tx, run),
      .subject_type = "run",
      .subject_id = run.run_id,
      .details = make_object({{"kind", run.kind}}),
      .events = {{"run_started", "run", run.run_id, make_object({{"kind", run.kind}, {"metadata", value.metadata}})}},
      .fields = {{"Location", "/nexus/runs/" + run.run_id}}};
}

struct Finish {
  std::string run_id, status;
  Json metadata;
};

Finish parse_finish(Input& input) {
  Finish value{input.param("run_id"),
               input.body.optional_choice("status", {"completed", "failed", "cancelled"}).value_or(""),
               take_metadata(input)};
  input.body.require("status");
  return value;
}

Run find(const store::Reader& reader, const Caller& caller, const std::string& run_id) {
  auto run = store::find_run(reader, caller.realm(), run_id);
  if (!run) throw Problem(problems::run_not_found);
  return std::move(*run);
}

/// What was said at the end stands over what was said at the start, name by name.
std::string merged(const std::string& before, const Json& sent) {
  Json metadata = Json::parse(before);
  metadata.update(sent);
  std::string text = to_text(metadata);
  if (text.size() <= limits::metadata_bytes_max) return text;
  Problem problem(problems::validation_failed,
                  "metadata, together with that of the start, must be at most 16384 bytes");
  throw problem.with_errors({{"/metadata", "must be at most 16384 bytes together with that of the start"}});
}

Applied finish(store::Tx& tx, const Caller& caller, const Finish& value) {
  Run run = find(tx, caller, value.run_id);
  if (run.kind == store::kTraceRun) throw Problem(problems::run_finished, "a trace's run ends by itself");
  if (run.status != "running") throw Problem(problems::run_finished, "the run is " + run.status + " already");
  run.status = value.status;
  run.metadata = merged(run.metadata, value.metadata);
  run.end_time = std::max(now_micros(), run.start_time);
  store::finish_run(tx, run);
  return {.json = run_json(tx, run),
          .subject_type = "run",
          .subject_id = run.run_id,
          .details = make_object({{"kind", run.kind}, {"status", run.status}}),
          .events = {{"run_finished", "run", run.run_id,
                      make_object({{"status", run.status}, {"metadata", value.metadata}}),
                      make_object({{"events_count", run.events_count},
                                   {"cards_count", run.cards_count},
                                   {"atoms_count", run.atoms_count}})}},
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

/// Where a page ended: `<start>:<run_id>`.
std::string mark_of(const Run& run) { return std::to_string(run.start_time) + ":" + run.run_id; }

store::RunMark mark_from(std::string_view mark) {
  store::RunMark out;
  const std::size_t colon = mark.find(':');
  if (colon == std::string_view::npos) return out;
  std::from_chars(mark.data(), mark.data() + colon, out.start_time);
  out.run_id = mark.substr(colon + 1);
  return out;
}

Reply list(const store::Reader& reader, const Caller& caller, const List& wish) {
  const auto rows =
      store::list_runs(reader, caller.realm(), wish.filter, mark_from(wish.page.mark), wish.page.limit + 1);
  return {.json = http::page_json<Run>(
              wish.page, rows, [&](const Run& run) { return run_json(reader, run); }, mark_of)};
}

struct Show {
  std::string run_id;
  http::Page page;
};

Show parse_show(Input& input) {
  // A cursor is bound to its run, too.
  return {input.param("run_id"), http::take_page(input, "run_events\n" + input.param("run_id"))};
}

Reply show(const store::Reader& reader, const Caller& caller, const Show& wish) {
  const Run run = find(reader, caller, wish.run_id);
  store::EventFilter of_run;
  of_run.run_id = run.run_id;
  std::int64_t before = 0;
  std::from_chars(wish.page.mark.data(), wish.page.mark.data() + wish.page.mark.size(), before);
  auto rows =
      store::list_events(reader, {.tenant = run.tenant_id, .env = run.env}, of_run, before, wish.page.limit + 1);
  Json page = domain::event_page(wish.page, std::move(rows), caller);
  Json json = run_json(reader, run);
  json["events"] = std::move(page["items"]);
  json["next_cursor"] = std::move(page["next_cursor"]);
  return {.json = std::move(json)};
}

// ---- routes ---------------------------------------------------------------------------------------------------------

http::Route read_route(std::string path, http::ReadHandler handler, http::Docs docs) {
  http::Route route =
      domain::read_route(std::move(path), "runs_read", Role::viewer, std::move(handler), std::move(docs));
  route.surface = "runs";
  return route;
}

http::Route write_route(std::string path, std::string action, gates::Policy policy, http::WriteHandler handler,
                        http::Docs docs) {
  return {.method = "POST",
          .path = std::move(path),
          .demand = {.access = Access::role, .scope = Scope::header, .role = Role::member, .mutates = true},
          .action = std::move(action),
          .surface = "runs",
          .policy = policy,
          .body = http::Body::json,
          .handler = std::move(handler),
          .docs = std::move(docs)};
}

std::vector<http::QueryParameter> list_parameters() {
  auto out = http::page_parameters();
  out.push_back({"kind", "Only runs of this kind; trace are those derived from traces", schema::text_between(1, 64)});
  out.push_back({"since", "Only runs that started at this time or later", schema::time()});
  return out;
}

}  // namespace

void add_routes(http::RouteTable& routes, const domain::Services&) {
  routes.add(write_route("/nexus/runs", "run_start", gates::Policy::full, http::writes(parse_start, start),
                         {"Start a run; requests that send its id as X-Run-Id belong to it",
                          "runs",
                          start_schema(),
                          run_schema(),
                          201,
                          {},
                          {}}));
  routes.add(write_route(
      "/nexus/runs/{run_id}/finish", "run_finish", gates::Policy::telemetry, http::writes(parse_finish, finish),
      {"Finish a run",
       "runs",
       schema::named("RunFinish",
                     schema::object({"status"}, {{"status", schema::choice({"completed", "failed", "cancelled"})},
                                                 {"metadata", metadata_schema()}})),
       run_schema(),
       200,
       {},
       {404}}));
  routes.add(
      read_route("/nexus/runs", http::reads(parse_list, list),
                 {"List runs, newest first", "runs", {}, schema::page(run_schema()), 200, list_parameters(), {}}));
  routes.add(read_route(
      "/nexus/runs/{run_id}", http::reads(parse_show, show),
      {"Show a run with its events, newest first", "runs", {}, shown_schema(), 200, http::page_parameters(), {404}}));
}

}  // namespace nexus::runs
