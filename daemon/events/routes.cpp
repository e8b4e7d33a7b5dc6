// The routes over activity events: the list, newest first, and one event. Read-only; how events come to be is
// daemon/audit/events's, and live streams are the rails'.
#include "daemon/domain/event_json.hpp"
#include "daemon/domain/services.hpp"
#include "daemon/events/problems.hpp"
#include "daemon/http/route.hpp"
#include "daemon/http/schema.hpp"

namespace nexus::events {
namespace {

using http::Input;
using http::Reply;
namespace schema = http::schema;

struct List {
  store::EventFilter filter;
  http::Page page;
};

List parse_list(Input& input) {
  List list;
  store::EventFilter& filter = list.filter;
  filter.event_type = input.query.optional_text("event_type", {.min = 1, .max = 64});
  filter.surface = input.query.optional_name("surface", {.min = 1, .max = 64});
  filter.actor = input.query.optional_name("actor", {.min = 1, .max = 128});
  filter.trace_id = input.query.optional_text("trace_id", {.min = 1, .max = 64});
  filter.run_id = input.query.optional_text("run_id", {.min = 1, .max = 64});
  filter.train_ok = input.query.optional_boolean("train_ok");
  filter.since = input.query.optional_time("since");
  filter.until = input.query.optional_time("until");
  if (filter.since && filter.until && *filter.until <= *filter.since) input.query.fault("until", "must be after since");
  list.page = http::take_page(input, "events");
  return list;
}

Reply list(const store::Reader& reader, const Caller& caller, const List& wish) {
  auto rows = store::list_events(reader, caller.realm(), wish.filter, http::number_of_mark(wish.page.mark),
                                 wish.page.limit + 1);
  return {.json = domain::event_page(wish.page, std::move(rows), caller)};
}

Reply show(const store::Reader& reader, const Caller& caller, const std::string& event_id) {
  const auto event = store::find_event(reader, caller.realm(), event_id);
  if (!event) throw Problem(problems::event_not_found, "there is no event with this id in this tenant and env");
  return {.json = domain::event_json(*event, domain::detail_for(caller, *event))};
}

std::vector<http::QueryParameter> list_parameters() {
  std::vector<http::QueryParameter> out = {
      {"event_type", "Only events of this type, as raw_asset_registered", schema::text_between(1, 64)},
      {"surface", "Only events of this surface", schema::name(64)},
      {"actor", "Only what this user did", schema::name(128)},
      {"trace_id", "Only events of this trace", schema::text_between(1, 64)},
      {"run_id", "Only events of this run", schema::text_between(1, 64)},
      {"train_ok", "Only events that models may learn from, or only those that they may not", schema::boolean()},
      {"since", "Only events from this time on", schema::time()},
      {"until", "Only events before this time", schema::time()}};
  for (auto& parameter : http::page_parameters()) out.push_back(std::move(parameter));
  return out;
}

http::Route event_route(std::string path, http::ReadHandler handler, http::Docs docs) {
  return {.method = "GET",
          .path = std::move(path),
          .demand = {.access = Access::role, .scope = Scope::header, .role = Role::admin},
          .action = "events_read",
          .surface = "events",
          .policy = gates::Policy::read,
          .handler = std::move(handler),
          .docs = std::move(docs)};
}

}  // namespace

void add_routes(http::RouteTable& routes, const domain::Services&) {
  routes.describe("events", "Activity: what was done, and its live tail");
  routes.add(event_route("/events", http::reads(parse_list, list),
                         {"List what was done, newest first",
                          "events",
                          {},
                          schema::page(domain::event_schema()),
                          200,
                          list_parameters(),
                          {}}));
  routes.add(event_route("/events/{event_id}", http::reads([](Input& input) { return input.param("event_id"); }, show),
                         {"Show one event", "events", {}, domain::event_schema(), 200, {}, {404}}));
}

}  // namespace nexus::events
