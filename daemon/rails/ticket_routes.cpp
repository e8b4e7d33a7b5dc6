// A ticket is made in the transaction of its audit row, which holds its id and its path, never its text. A ticket whose
// row was not committed is never returned, and expires.
#include "daemon/rails/ticket_routes.hpp"

#include <stdexcept>

#include "daemon/http/schema.hpp"
#include "daemon/rails/stream_path.hpp"

namespace nexus::rails {
namespace {

using http::Applied;
using http::Input;
namespace schema = http::schema;

constexpr std::size_t kRouteBytesMax = 256;
constexpr const char* kStreamPath = "^/(sse/(events|audit)|(sse|ws)/chat/[A-Za-z0-9][A-Za-z0-9._-]{0,127})$";

std::string parse(Input& input) {
  std::string path = input.body.text("route", {.min = 1, .max = kRouteBytesMax});
  if (!path.empty() && !is_stream_path(path))
    input.body.fault("route", "must be the path of a stream: /sse/chat/{id}, /ws/chat/{id}, /sse/events or /sse/audit");
  return path;
}

Applied create(const Caller& caller, const std::string& path, Tickets& tickets) {
  const Micros expires_at = now_micros() + std::chrono::microseconds(limits::ticket_lifetime).count();
  const auto ticket = tickets.make(caller, path, std::chrono::steady_clock::now());
  return {.json = {{"ticket", ticket.text}, {"expires_at", to_rfc3339(expires_at)}},
          .subject_type = "ticket",
          .subject_id = ticket.id,
          .details = {{"route", path}, {"expires_at", to_rfc3339(expires_at)}},
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

void add_ticket_routes(http::RouteTable& routes, Tickets& tickets) {
  routes.when_complete(judge_streams);
  routes.add(
      {.method = "POST",
       .path = "/tickets",
       .demand = {.access = Access::role, .scope = Scope::header, .role = Role::viewer, .mutates = true},
       .action = "ticket_create",
       .surface = "identity",
       .policy = gates::Policy::audited,
       .effects = http::own_rows_alone(Direction::none),
       .body = http::Body::json,
       .handler = http::writes(parse, [&tickets](store::Tx&, const Caller& caller,
                                                 const std::string& path) { return create(caller, path, tickets); }),
       .docs = {"Make a ticket that opens one stream, once, within 30 s; for browsers, as ?ticket=",
                "identity",
                schema::named("TicketCreate",
                              schema::whole({{"route", schema::described(schema::pattern(kStreamPath),
                                                                         "the path of a stream, without a query")}})),
                schema::named("Ticket", schema::whole({{"ticket", schema::text()}, {"expires_at", schema::time()}})),
                201,
                {},
                {409}}});
}

}  // namespace nexus::rails
