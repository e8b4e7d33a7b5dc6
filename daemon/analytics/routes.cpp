// Analytics: page views and clicks as events of the surface that the body names. Each event has flags for its personal
// data and for whether models may learn from it. A refusal by a gate is returned: no event is dropped silently.
#include <tuple>

#include "daemon/domain/measures.hpp"
#include "daemon/domain/services.hpp"
#include "daemon/http/schema.hpp"

namespace nexus::analytics {
namespace {

using http::Applied;
using http::Input;
namespace schema = http::schema;

/// What a page reports about itself, with the maximal bytes of each field.
constexpr std::pair<const char*, std::size_t> kTexts[] = {
    {"url", 2048},     {"path", 2048},       {"title", 512},      {"referrer", 2048},  {"page_type", 128},
    {"cta_id", 128},   {"label", 512},       {"utm_source", 256}, {"utm_medium", 256}, {"utm_campaign", 256},
    {"utm_term", 256}, {"utm_content", 256}, {"seo_slug", 512},   {"seo_title", 512},  {"seo_description", 2048}};

struct SiteEvent {
  std::string surface;
  audit::Activity activity;  // prepared
};

SiteEvent parse(Input& input, const std::string& event_type) {
  SiteEvent event;
  event.surface = domain::take_surface(input.body, false);
  audit::Activity activity{.event_type = event_type, .asset_type = "", .asset_id = ""};
  for (const auto& [name, bytes_max] : kTexts)
    if (auto text = input.body.optional_text(name, {.min = 1, .max = bytes_max}))
      activity.input[name] = std::move(*text);
  activity.metadata = input.body.optional_object("metadata", limits::metadata_bytes_max).value_or(Json::object());
  event.activity = audit::prepared(std::move(activity));
  return event;
}

Applied write(store::Tx& tx, const Caller& caller, const SiteEvent& event) {
  const audit::Written written = audit::write_event(tx, caller, event.surface, event.activity, now_micros());
  return {.json = make_object(
              {{"event_id", written.event_id}, {"pii_flags", written.pii_flags}, {"train_ok", written.train_ok}}),
          .subject_type = "event",
          .subject_id = written.event_id,
          .details = make_object({{"event_type", event.activity.event_type}, {"pii_flags", written.pii_flags}}),
          .status = 202};
}

http::WriteHandler handler(const std::string& event_type) {
  return [event_type](Input& input) {
    const SiteEvent event = parse(input, event_type);
    http::Write out;
    out.surface = event.surface;
    out.apply = [event](store::Tx& tx, const Caller& caller) { return write(tx, caller, event); };
    return out;
  };
}

Json request_schema() {
  Json out = schema::object({"surface"}, {{"surface", domain::surface_schema(false)},
                                          {"metadata", schema::any_object(limits::metadata_bytes_max)}});
  for (const auto& [name, bytes_max] : kTexts) out["properties"][name] = schema::text_between(1, bytes_max);
  return schema::named("AnalyticsEventCreate", std::move(out));
}

Json answer_schema() {
  return schema::named("Receipt", schema::whole({{"event_id", schema::text()},
                                                 {"pii_flags", schema::list(schema::text())},
                                                 {"train_ok", schema::boolean()}}));
}

}  // namespace

void add_routes(http::RouteTable& routes, const domain::Services&) {
  routes.describe("analytics", "Page views and clicks that a site tells of");
  const http::Surface surface{.name = "analytics", .policy = gates::Policy::telemetry, .body_names_surface = true};
  for (const auto& [path, action, summary] :
       {std::tuple{"/analytics/events/pageview", "analytics_pageview", "Tell of a page that was viewed"},
        std::tuple{"/analytics/events/cta-click", "analytics_cta_click", "Tell of a click on a call to action"}})
    routes.add(
        surface.create(path, action, handler(action),
                       {.summary = summary, .request = request_schema(), .response = answer_schema(), .success = 202}));
}

}  // namespace nexus::analytics
