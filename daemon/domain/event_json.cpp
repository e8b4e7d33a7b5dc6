#include "daemon/domain/event_json.hpp"

#include "daemon/http/schema.hpp"

namespace nexus::domain {
namespace {

namespace schema = http::schema;

Json whole(const store::Event& event) {
  return {{"event_id", event.event_id},
          {"tenant_id", event.tenant_id},
          {"env", event.env},
          {"surface", event.surface},
          {"agent_id", or_null(event.agent_id)},
          {"actor_id", event.actor_id},
          {"actor_type", event.actor_type},
          {"event_type", event.event_type},
          {"asset_type", or_null(event.asset_type)},
          {"asset_id", or_null(event.asset_id)},
          {"input", parse_own_json(event.input)},
          {"output", parse_own_json(event.output)},
          {"metadata", parse_own_json(event.metadata)},
          {"pii_flags", parse_own_json(event.pii_flags)},
          {"train_ok", event.train_ok},
          {"trace_id", event.trace_id},
          {"request_id", event.request_id},
          {"run_id", or_null(event.run_id)},
          {"created_at", to_rfc3339(event.created_at)}};
}

/// The counts that the event itself tells, as atoms_count or result_count.
Json counts_in(const store::Event& event) {
  Json counts = Json::object();
  const Json output = parse_own_json(event.output);
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
          {"asset_type", or_null(event.asset_type)},
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
  for (const auto& [name, value] : out["properties"].items()) out["required"].push_back(name);
  return schema::named("Event", std::move(out));
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
  return {{"anyOf", Json::array({event_schema(), schema::named("EventOutline", std::move(out))})}};
}

}  // namespace nexus::domain
