// Shared by the routes of identity: their frame (surface `identity`, audited where they change something, not gated),
// and the pages of their lists.
#pragma once
#include "daemon/guard/bearer.hpp"
#include "daemon/http/page.hpp"
#include "daemon/http/route.hpp"
#include "daemon/model/json.hpp"
#include "store/identity.hpp"

namespace nexus::identity {

constexpr Demand kSystemAlone{.access = Access::system};
constexpr Demand kAnyToken{.access = Access::token};
/// For the tenant in the path; the system token passes a stopped one.
constexpr Demand in_tenant(Role role) {
  return {.access = Access::role, .scope = Scope::path, .role = role, .repairs_tenant = true};
}
/// For a revocation or a removal: it stops somebody, and may end their streams.
constexpr http::Effects kTakesAway{http::Urgency::stops, http::EndsStreams::may, http::Repairs::no,
                                   Direction::tightens};

http::Route identity_read(std::string path, Demand demand, std::string action, http::ReadHandler handler,
                          http::Docs docs);
/// Expects a JSON body where `docs` has one. Success is 201 for POST, 204 without an answer, else 200.
http::Route identity_write(std::string method, std::string path, Demand demand, std::string action,
                           http::Effects effects, http::WriteHandler handler, http::Docs docs);

/// One page of a list by time and id. `rows` has one more than the page when the list goes on.
template <const auto& kTable, class Row>
http::Reply page_of(const http::Page& page, const std::vector<Row>& rows, Micros Row::*at, std::string Row::*id) {
  return {.json = http::page_json<Row>(
              page, rows, [](const Row& row) { return model::json_of(kTable, row); },
              [&](const Row& row) { return http::mark_text(row.*at, row.*id); })};
}

/// The body that names a role.
Json role_schema();
/// A member as answers show them: status `active`, and `invited` in the same shape.
Json member_schema();

// ---- the routes of the other files ----------------------------------------------------------------------------------
void add_member_routes(http::RouteTable& routes);
/// Also adds those of one tenant. `bearers` must outlive the table.
void add_token_routes(http::RouteTable& routes, const Bearers& bearers);

}  // namespace nexus::identity
