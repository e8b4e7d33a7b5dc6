#include "daemon/domain/event_json.hpp"

#include "daemon/http/schema.hpp"
#include "daemon/model/json.hpp"

namespace nexus::domain {
namespace {

namespace schema = http::schema;

/// The counts in the event, such as atoms_count or result_count.
Json counts_in(const Event& event) {
  Json counts = Json::object();
  const Json output = parse_own_json(event.output);
  for (const auto& [name, value] : output.items())
    if (name.ends_with("_count") && value.is_number_integer()) counts[name] = value;
  return counts;
}

/// Leaves out the actor and the subject: the owner of an item may be private.
Json outline(const Event& event) {
  Json out = model::json_of(kEvent, event, {"event_id", "event_type", "created_at", "surface", "asset_type"});
  out["counts"] = counts_in(event);
  return out;
}

Json view_json(const EventView& view) { return event_json(view.event, view.detail); }

}  // namespace

EventDetail detail_for(const Caller& reader, const Event& event) {
  const bool admin = reader.role && *reader.role >= Role::admin;
  return admin || event.actor_id == reader.user_id ? EventDetail::whole : EventDetail::outline;
}

Json event_json(const Event& event, EventDetail detail) {
  return detail == EventDetail::whole ? model::json_of(kEvent, event) : outline(event);
}

Json event_page(const http::Page& page, std::vector<Event> rows, const Caller& reader) {
  std::vector<EventView> views;
  views.reserve(rows.size());
  for (auto& row : rows) {
    const EventDetail detail = detail_for(reader, row);
    views.push_back({std::move(row), detail});
  }
  return http::page_json<EventView>(page, std::move(views), view_json,
                                    [](const EventView& view) { return std::to_string(view.event.seq); });
}

Json event_or_outline_schema() {
  Json out =
      schema::with(model::answer_schema(kEvent, {"event_id", "event_type", "created_at", "surface", "asset_type"}),
                   {{"counts", schema::any_object()}});
  out["description"] = "to others than its actor and admins";
  return {{"anyOf", Json::array({model::answer_schema(kEvent), schema::named("EventOutline", std::move(out))})}};
}

}  // namespace nexus::domain
