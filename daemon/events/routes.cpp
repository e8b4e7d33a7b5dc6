// The routes of activity events: the list, newest first, and one event. Read-only; daemon/audit/events writes events,
// and daemon/rails streams them.
#include "daemon/domain/event_json.hpp"
#include "daemon/domain/services.hpp"
#include "daemon/events/problems.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/http/surface.hpp"
#include "store/events.hpp"

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
  filter.request_id = input.query.optional_text("request_id", {.min = 1, .max = 128});
  filter.run_id = input.query.optional_text("run_id", {.min = 1, .max = 64});
  filter.train_ok = input.query.optional_boolean("train_ok");
  const store::TimeRange range = http::take_time_range(input);
  filter.since = range.since;
  filter.until = range.until;
  list.page = http::take_page(input, "events");
  return list;
}

Reply list(const store::Reader& reader, const Caller& caller, const List& asked) {
  auto rows = store::list_events(reader, caller.realm(), asked.filter, http::number_of_mark(asked.page.mark),
                                 asked.page.limit + 1);
  return {.json = domain::event_page(asked.page, std::move(rows), caller)};
}

Reply show(const store::Reader& reader, const Caller& caller, const std::string& event_id) {
  const auto event = found(store::find_event(reader, caller.realm(), event_id), problems::event_not_found,
                           "there is no event with this id in this tenant and env");
  return {.json = domain::event_json(event, domain::detail_for(caller, event))};
}

std::vector<http::QueryParameter> list_parameters() {
  std::vector<http::QueryParameter> out = {
      {"event_type", "Only events of this type, as raw_asset_registered", schema::text_between(1, 64)},
      {"surface", "Only events of this surface", schema::name(64)},
      {"actor", "Only what this user did", schema::name(128)},
      {"trace_id", "Only events of this trace", schema::text_between(1, 64)},
      {"request_id", "Only events of this request", schema::text_between(1, 128)},
      {"run_id", "Only events of this run", schema::text_between(1, 64)},
      {"train_ok", "Only events that models may learn from, or only those that they may not", schema::boolean()}};
  std::ranges::move(http::time_range_parameters("events"), std::back_inserter(out));
  std::ranges::move(http::page_parameters(), std::back_inserter(out));
  return out;
}

}  // namespace

void add_routes(http::RouteTable& routes, const domain::Services&) {
  routes.describe("events", "Activity: what was done, and its live tail");
  const http::Surface surface{.name = "events", .read_action = "events_read", .reads = Role::admin};
  const Json shape = model::answer_schema(domain::kEvent);
  routes.add(surface.get(
      "/events", http::reads(parse_list, list),
      {.summary = "List what was done, newest first", .response = schema::page(shape), .query = list_parameters()}));
  routes.add(surface.show("/events/{event_id}", http::reads(http::param("event_id"), show),
                          {.summary = "Show one event", .response = shape}));
}

}  // namespace nexus::events
