// POST /tickets: a browser's way to a stream (see daemon/guard/tickets.hpp).
//
// A ticket is made in the transaction of its audit row, which holds its id and its path, never its text. A ticket whose
// row was not committed was never made.
#include <stdexcept>

#include "daemon/guard/tickets.hpp"
#include "daemon/http/handlers.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/rails/chat.hpp"

namespace nexus::rails {
namespace {

using http::Applied;
using http::Input;
namespace schema = http::schema;

constexpr std::size_t kRouteBytesMax = 256;
constexpr const char* kStreamPath = "^/(sse/(events|audit)|(sse|ws)/chat/[A-Za-z0-9][A-Za-z0-9._-]{0,127})$";

/// /sse/chat/{id}, /ws/chat/{id}, /sse/events or /sse/audit, without a query. The thread need not exist: the stream
/// itself answers 404.
bool is_stream_path(std::string_view path) {
  if (path == "/sse/events" || path == "/sse/audit") return true;
  for (const std::string_view prefix : {"/sse/chat/", "/ws/chat/"})
    if (path.starts_with(prefix)) return is_client_id(path.substr(prefix.size()));
  return false;
}

tickets::Fresh parse_ticket(Input& input) {
  std::string path = input.body.text("route", {.min = 1, .max = kRouteBytesMax});
  if (!path.empty() && !is_stream_path(path))
    input.body.fault("route", "must be the path of a stream: /sse/chat/{id}, /ws/chat/{id}, /sse/events or /sse/audit");
  return tickets::draw(std::move(path));
}

Applied make_ticket(store::Tx& tx, const Caller& caller, const tickets::Fresh& ticket) {
  const std::string expires_at = to_rfc3339(tickets::keep(tx, caller, ticket, now_micros()));
  return {.json = {{"ticket", ticket.text}, {"expires_at", expires_at}},
          .subject_type = "ticket",
          .subject_id = ticket.id,
          .details = {{"route", ticket.path}, {"expires_at", expires_at}},
          .secret = true};
}

/// Browsers could not open a stream for which no ticket can be made: the daemon refuses to start then.
void judge_streams(const http::RouteTable& routes) {
  for (const auto& route : routes.all()) {
    const std::string path = route->path.substr(0, route->path.find('{'));
    if (route->demand.streams && !is_stream_path(path) && !is_stream_path(path + "any"))
      throw std::logic_error("route " + route->path + ": a stream that tickets do not know");
  }
}

}  // namespace

void add_ticket_routes(http::RouteTable& routes) {
  const http::Surface surface{.name = "identity",
                              .read_action = {},
                              .writes = Role::viewer,
                              .policy = gates::Policy::audited,
                              .effects = http::own_rows_alone(Direction::none)};
  routes.when_complete(judge_streams);
  routes.add(surface.create(
      "/tickets", "ticket_create", http::writes(parse_ticket, make_ticket),
      {.summary = "Make a ticket that opens one stream, once, within 30 s; for browsers, as ?ticket=",
       .request = schema::named("TicketCreate",
                                schema::whole({{"route", schema::described(schema::pattern(kStreamPath),
                                                                           "the path of a stream, without a query")}})),
       .response = schema::named("Ticket", schema::whole({{"ticket", schema::text()}, {"expires_at", schema::time()}})),
       .refusals = {409}}));
}

}  // namespace nexus::rails
