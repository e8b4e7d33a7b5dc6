// Tickets that were not used yet: each opens one stream once, for a browser (daemon/guard/tickets.hpp). A ticket is
// kept by its digest, and belongs to the tenant and env that it opens a stream in. Those that expired are no tickets,
// and go with housekeeping (retention.hpp).
//
// Threads: those of the Reader or Tx. Errors: store::Error.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "daemon/base/clock.hpp"
#include "store/query.hpp"

namespace nexus::store {

struct Ticket {
  std::string digest;
  std::string tenant_id, env;
  std::string path;
  std::string user_id, actor_type, token_id, vouched_by;
  std::optional<std::string> tenants, envs, role;  // how the token is narrowed; lists as JSON
  Micros token_expires_at = 0;                     // 0: never
  std::string reason;
  Micros until = 0;
};

/// How many tickets can be used at `now`.
struct TicketsHeld {
  std::int64_t in_all = 0, of_user = 0;
};
/// Counts up to `max` in all: they are in an index by their end, so few tickets cost little.
TicketsHeld count_tickets(const Reader& reader, std::string_view user_id, Micros now, std::int64_t max);
void put_ticket(Tx& tx, const Ticket& ticket);
/// The ticket, unless it was used or has expired.
std::optional<Ticket> find_ticket(const Reader& reader, std::string_view digest, Micros now);
/// Uses the ticket up. Returns whether it was there: of several who try, one gets true.
bool take_ticket(Tx& tx, std::string_view digest);
/// Removes all.
void drop_tickets(Tx& tx);

}  // namespace nexus::store
