#include "daemon/events/routes.hpp"

#include <charconv>

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

std::int64_t seq_of(std::string_view mark) {
  std::int64_t seq = 0;
  std::from_chars(mark.data(), mark.data() + mark.size(), seq);
  return seq;
}

Reply list(const store::Reader& reader, const Caller& caller, const List& wish) {
  auto rows = store::list_events(reader, caller.tenant().str(), to_string(caller.env()), wish.filter,
                                 seq_of(wish.page.mark), wish.page.limit + 1);
  return {.json = event_page(wish.page, std::move(rows), caller)};
}

Reply show(const store::Reader& reader, const Caller& caller, const std::string& event_id) {
  const auto event = store::find_event(reader, caller.tenant().str(), to_string(caller.env()), event_id);
  if (!event) throw Problem(Code::event_not_found, "there is no event with this id in this tenant and env");
  return {.json = event_json(*event, detail_for(caller, *event))};
}

std::vector<http::QueryParameter> list_parameters() {
  std::vector<http::QueryParameter> out = {
      {"event_type", "Only events of this type, as raw_asset_registered", schema::text_between(1, 64)},
      {"surface", "Only events of this surface", schema::text_between(1, 64)},
      {"actor", "Only what this user did", schema::text_between(1, 128)},
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

Json optional_json(const std::optional<std::string>& text) { return text ? Json(*text) : Json(); }

Json whole(const store::Event& event) {
  return {{"event_id", event.event_id},
          {"tenant_id", event.tenant_id},
          {"env", event.env},
          {"surface", event.surface},
          {"agent_id", optional_json(event.agent_id)},
          {"actor_id", event.actor_id},
          {"actor_type", event.actor_type},
          {"event_type", event.event_type},
          {"asset_type", optional_json(event.asset_type)},
          {"asset_id", optional_json(event.asset_id)},
          {"input", Json::parse(event.input)},
          {"output", Json::parse(event.output)},
          {"metadata", Json::parse(event.metadata)},
          {"pii_flags", Json::parse(event.pii_flags)},
          {"train_ok", event.train_ok},
          {"trace_id", event.trace_id},
          {"request_id", event.request_id},
          {"run_id", optional_json(event.run_id)},
          {"created_at", to_rfc3339(event.created_at)}};
}

/// The counts that the event itself tells, as atoms_count or result_count.
Json counts_in(const store::Event& event) {
  Json counts = Json::object();
  const Json output = Json::parse(event.output);
  for (const auto& [name, value] : output.items())
    if (name.ends_with("_count") && value.is_number_integer()) counts[name] = value;
  return counts;
}

/// Neither who did it nor to what: whose an item is may be nobody's business.
Json outline(const store::Event& event) {
  return {{"event_id", event.event_id},
          {"event_type", event.event_type},
          {"created_at", to_rfc3339(event.created_at)},
          {"surface", event.surface},
          {"asset_type", optional_json(event.asset_type)},
          {"counts", counts_in(event)}};
}

Json view_json(const EventView& view) { return event_json(view.event, view.detail); }

}  // namespace

EventDetail detail_for(const Caller& reader, const store::Event& event) {
  const bool admin = reader.role && *reader.role >= Role::admin;
  return admin || event.actor_id == reader.user_id ? EventDetail::whole : EventDetail::outline;
}

Json event_json(const store::Event& event, EventDetail detail) {
  return detail == EventDetail::whole ? whole(event) : outline(event);
}

Json event_page(const http::Page& page, std::vector<store::SequencedEvent> rows, const Caller& reader) {
  std::vector<EventView> views;
  views.reserve(rows.size());
  for (auto& row : rows) {
    const EventDetail detail = detail_for(reader, row);
    views.push_back({std::move(row), detail});
  }
  return http::page_json<EventView>(page, std::move(views), view_json,
                                    [](const EventView& view) { return std::to_string(view.event.seq); });
}

Json event_schema() {
  Json kind = schema::choice({"email", "phone", "payment_card", "ip_address", "postal_code", "unscanned"});
  Json out = schema::object({}, {{"input", schema::any_object()},
                                 {"output", schema::any_object()},
                                 {"metadata", schema::any_object()},
                                 {"pii_flags", schema::list(std::move(kind))},
                                 {"train_ok", schema::boolean()},
                                 {"created_at", schema::time()}});
  for (const char* name :
       {"event_id", "tenant_id", "env", "surface", "actor_id", "actor_type", "event_type", "trace_id", "request_id"})
    out["properties"][name] = schema::text();
  for (const char* name : {"agent_id", "asset_type", "asset_id", "run_id"})
    out["properties"][name] = schema::nullable(schema::text());
  return out;
}

Json event_or_outline_schema() {
  Json out = schema::object({"event_id", "event_type", "created_at", "surface", "asset_type", "counts"},
                            {{"event_id", schema::text()},
                             {"event_type", schema::text()},
                             {"created_at", schema::time()},
                             {"surface", schema::text()},
                             {"asset_type", schema::nullable(schema::text())},
                             {"counts", schema::any_object()}});
  out["description"] = "to others than its actor and admins";
  return {{"anyOf", Json::array({event_schema(), std::move(out)})}};
}

void add_event_routes(http::RouteTable& routes) {
  routes.add(event_route(
      "/events", http::reads(parse_list, list),
      {"List what was done, newest first", "events", {}, schema::page(event_schema()), 200, list_parameters(), {}}));
  routes.add(event_route("/events/{event_id}", http::reads([](Input& input) { return input.param("event_id"); }, show),
                         {"Show one event", "events", {}, event_schema(), 200, {}, {404}}));
}

}  // namespace nexus::events
