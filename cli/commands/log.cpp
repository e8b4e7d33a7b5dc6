// nexusctl log: what is on record about a request, by its id, as an answer, an error or a line of the daemon's log
// names it.
#include <algorithm>
#include <set>

#include "cli/engine/one_request.hpp"
#include "daemon/base/clock.hpp"

namespace nexus::cli {
namespace {

const Shape kRequestShape = {
    "request_id",
    {"request_id", "tenant_id", "env", "requests"},
    {{"audit_rows",
      {"seq", "body.at", "body.action", "body.result", "body.actor.id", "body.actor.token", "body.subject.type",
       "body.subject.id"}},
     {"events", {"event_id", "created_at", "event_type", "surface", "actor_id", "asset_type", "asset_id"}}}};

constexpr Micros kNear = 60 * kSecond;  // between the row of a request and its events, at most
constexpr Micros kLookedBack = 24 * 3600 * kSecond;

Micros time_in(const Json& record, const char* path) {
  const Json& text = value_at(record, path);
  return text.is_string() ? parse_rfc3339(text.get<std::string>()).value_or(0) : 0;
}

/// All that the list holds, oldest first.
Json all_of(Session& session, const ApiRequest& request) {
  Json all = Json::array();
  each_page(session, request, [&all](Json& page) {
    for (auto& item : page["items"]) all.push_back(std::move(item));
    return true;
  });
  std::reverse(all.begin(), all.end());
  return all;
}

/// The time in which events are looked for: what was typed, else around the rows, else the last day. A search of all
/// events would take long.
void look_near(ApiRequest& request, const Values& values, const Json& rows) {
  if (values.given("--since") || values.given("--until")) return;
  if (rows.empty()) {
    request.query.emplace_back("since", to_rfc3339(now_micros() - kLookedBack));
    return;
  }
  request.query.emplace_back("since", to_rfc3339(time_in(rows.front(), "body.at") - kNear));
  request.query.emplace_back("until", to_rfc3339(time_in(rows.back(), "body.at") + kNear));
}

/// At least how many requests carried the id. Each one leaves at most one row in a chain, and its events beside it;
/// events without a row are of reads, which record theirs at once.
std::size_t count_requests(const Json& rows, const Json& events) {
  const auto belongs = [&rows](const Json& event) {
    return std::ranges::any_of(rows, [&event](const Json& row) {
      const Micros apart = time_in(event, "created_at") - time_in(row, "body.at");
      return std::abs(apart) <= kSecond && value_at(row, "body.actor.id") == value_at(event, "actor_id");
    });
  };
  std::set<std::pair<std::string, std::string>> reads;
  for (const auto& event : events)
    if (!belongs(event)) reads.emplace(cell_at(event, "actor_id"), cell_at(event, "created_at"));
  return rows.size() + reads.size();
}

int run_log_explain(Session& session, const Values& values) {
  const std::string& id = values.text("REQUEST_ID");
  ApiRequest request = request_of({.path = "/audit", .query = {{"limit", "200"}, {"request_id", id}}}, session, values,
                                  {"--since", "--until"});
  Json rows = all_of(session, request);
  request.path = "/events";
  look_near(request, values, rows);
  Json events = all_of(session, request);
  if (rows.empty() && events.empty())
    throw Failure(Exit::not_found,
                  "no audit row of " + session.tenant() + " " + session.env() +
                      " carries this request id, and no event" +
                      (values.given("--since") || values.given("--until") ? " of that time" : " of the last 24 hours"));
  const std::size_t requests = count_requests(rows, events);
  session.print_record({{"request_id", id},
                        {"tenant_id", session.tenant()},
                        {"env", session.env()},
                        {"requests", requests},
                        {"audit_rows", std::move(rows)},
                        {"events", std::move(events)}},
                       kRequestShape);
  if (requests > 1)
    session.warn(std::to_string(requests) +
                 " requests carry this id: a client chooses its own in X-Request-Id; times and actors tell them apart");
  return 0;
}

constexpr const char* kLogExplainDescription = R"(
It shows the audit rows and the events of the request: what was done or refused by a gate, by whom, and when. The id
stands in every answer as `X-Request-Id`, in every error as `request_id`, and in each line of nexusd's log about a
request. Only the chain of this tenant and env is looked at, and only admins and owners may look.

A client may choose the id of a request, and nothing keeps it from choosing the same again. `requests` says how many
requests carry it, and standard error says so when they are several.

Rows are found whatever their age. Events are looked for in the minute around the rows; without a row, in the last 24
hours. --since and --until set another time for both. A read leaves no row, and most refusals leave none either: of
these the log of nexusd alone tells.)";

}  // namespace

Command log_command() {
  return {.name = "log",
          .topic = Topic::look_and_prove,
          .summary = "what is on record about a request",
          .see_also = "nexusctl-audit(1), nexusctl-event(1), nexusd(8)",
          .example = "nexusctl log explain REQUEST_ID",
          .commands = {{.name = "explain",
                        .summary = "show the audit rows and events of a request, by its id",
                        .description = kLogExplainDescription,
                        .exit_status = "`log explain` exits with 6 when nothing carries the id.",
                        .example = "nexusctl log explain REQUEST_ID\n"
                                   "nexusctl log explain REQUEST_ID --since 7d -o json",
                        .parameters = {past(option("--since", "TIME", "only what was done from this time on")),
                                       past(option("--until", "TIME", "only what was done before this time")),
                                       argument("REQUEST_ID", "the request's id")},
                        .run = run_log_explain,
                        .beyond_curl = "puts together what several answers say"}}};
}

}  // namespace nexus::cli
