// nexusctl event: the events of a tenant and env, newest first. The daemon masked personal data in them.
#include "cli/engine/one_request.hpp"
#include "cli/rails/rail_tail.hpp"

namespace nexus::cli {
namespace {

const Shape kEventShape = {
    "event_id", {"event_id", "created_at", "event_type", "surface", "actor_id", "asset_id", "pii_flags", "train_ok"}};

int run_event_tail(Session& session, const Values& values) {
  return run_tail(session, values,
                  {.request = request_of({.path = "/sse/events"}, session, values, {"--event-type"}),
                   .shape = kEventShape,
                   .person = cells_at({"created_at", "event_type", "actor_id", "asset_id"})});
}

// ---- analytics ------------------------------------------------------------------------------------------------------

const Shape kToldShape = {"event_id", {"event_id", "pii_flags", "train_ok", "receipt.seq"}};
const Names kPageTexts = {"--url",        "--path",       "--title",          "--referrer", "--page-type",
                          "--utm-source", "--utm-medium", "--utm-campaign",   "--utm-term", "--utm-content",
                          "--seo-slug",   "--seo-title",  "--seo-description"};

/// Tells of something on a page; `more` are texts of its own.
Handler tells(const char* path, const Names& more) {
  return sends({.method = "POST", .path = path}, kToldShape, [more](const Values& values) {
    Json body = texts_of(values, kPageTexts);
    body.update(texts_of(values, more));
    body["surface"] = values.text("SURFACE");
    if (values.given("--metadata")) body["metadata"] = values.object("--metadata");
    return body;
  });
}

constexpr const char* kEventDescription = R"(
An event says what was done; the daemon writes it together with the change that it describes. It masks personal data
first, as `[REDACTED:email]`, and names what it masked in `pii_flags`: `email`, `phone`, `payment_card`, `ip_address`,
`postal_code`, or `unscanned` for a text that was too long to scan. `train_ok` is true when the daemon found nothing
personal and nobody opted out; see nexusctl-privacy(1). Admins and owners may read events.)";

constexpr const char* kEventTailDescription = R"(
It follows events as nexusctl-chat(1) follows a thread. Ctrl-C ends it; the last cursor goes to standard error.)";

constexpr const char* kPageviewDescription = R"(
Web pages send the same by HTTP. The answer says what was personal in it, and whether models may learn from it. The
options that begin with --utm name the campaign that led to the page; those that begin with --seo are what the page
tells search engines.)";

std::vector<Parameter> page_parameters(std::vector<Parameter> more) {
  for (const auto& [parameter, name] : kPageTexts) more.push_back(option(parameter, "TEXT", "its " + name));
  more.push_back(option("--metadata", "JSON", "an object that is kept with it"));
  more.push_back(argument("SURFACE", "the surface it was on; gates judge the event under this one"));
  return more;
}

}  // namespace

Command event_command() {
  return {.name = "event",
          .topic = Topic::look_and_prove,
          .summary = "activity events: list, show, tail, and what a page tells",
          .description = kEventDescription,
          .see_also = "nexusctl-chat(1), nexusctl-privacy(1)",
          .example = "nexusctl event list --event-type raw_asset_registered",
          .commands = {
              list_command("list", "list events, newest first",
                           "nexusctl event list --event-type raw_asset_registered --since 7d\n"
                           "nexusctl event list --all -o jsonl",
                           {.path = "/events"}, kEventShape,
                           {option("--event-type", "TYPE", "only events of this type"),
                            option("--surface", "SURFACE", "only events of this surface"),
                            option("--actor", "USER_ID", "only what this user did"),
                            option("--trace-id", "TRACE_ID", "only events of this trace"),
                            option("--request-id", "ID", "only events of this request"),
                            option("--run-id", "RUN_ID", "only events of this run"),
                            past(option("--since", "TIME", "only events from this time on")),
                            past(option("--until", "TIME", "only events before this time"))}),
              show_command("show one event", "nexusctl event show EVENT_ID -o json", {.path = "/events/{EVENT_ID}"},
                           kEventShape, {argument("EVENT_ID", "the event")}),
              {.name = "tail",
               .summary = "follow events as they happen; reconnects and resumes by itself",
               .description = kEventTailDescription,
               .example = "nexusctl event tail --event-type raw_asset_registered -o jsonl",
               .parameters = tail_parameters({option("--event-type", "TYPE", "only events of this type")}),
               .run = run_event_tail},
              {.name = "pageview",
               .summary = "tell of a page that was viewed",
               .description = kPageviewDescription,
               .example = "nexusctl event pageview landing --path /pricing --utm-source mail",
               .parameters = page_parameters({}),
               .run = tells("/analytics/events/pageview", {})},
              {.name = "cta-click",
               .summary = "tell of a click on a call to action",
               .example = "nexusctl event cta-click landing --cta-id buy --label 'Buy now'",
               .parameters = page_parameters(
                   {option("--cta-id", "ID", "what was clicked"), option("--label", "TEXT", "what stood on it")}),
               .run = tells("/analytics/events/cta-click", {"--cta-id", "--label"})},
          }};
}

}  // namespace nexus::cli
