#include "store/tickets.hpp"

#include "store/rows.hpp"

namespace nexus::store {

TicketsHeld count_tickets(const Reader& reader, std::string_view user_id, Micros now, std::int64_t max) {
  Query q = reader.query(
      "SELECT (SELECT count(*) FROM (SELECT 1 AS one FROM tickets WHERE until > ?1 LIMIT ?2) AS counted), "
      "(SELECT count(*) FROM tickets WHERE user_id = ?3 AND until > ?1)",
      now, max, user_id);
  q.next();
  return {q.integer(0), q.integer(1)};
}

void put_ticket(Tx& tx, const Ticket& ticket) {
  tx.run(
      "INSERT INTO tickets (digest, tenant_id, env, path, user_id, actor_type, token_id, vouched_by, tenants, envs, "
      "role, token_expires_at, reason, until) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
      ticket.digest, ticket.tenant_id, ticket.env, ticket.path, ticket.user_id, ticket.actor_type, ticket.token_id,
      ticket.vouched_by, ticket.tenants, ticket.envs, ticket.role, ticket.token_expires_at, ticket.reason,
      ticket.until);
}

std::optional<Ticket> find_ticket(const Reader& reader, std::string_view digest, Micros now) {
  return first(reader.query("SELECT digest, tenant_id, env, path, user_id, actor_type, token_id, vouched_by, tenants, "
                            "envs, role, token_expires_at, reason, until FROM tickets "
                            "WHERE digest = ?1 AND until > ?2",
                            digest, now),
               [](const Query& q) {
                 return Ticket{q.text(0),           q.text(1),     q.text(2),  q.text(3),          q.text(4),
                               q.text(5),           q.text(6),     q.text(7),  q.optional_text(8), q.optional_text(9),
                               q.optional_text(10), q.integer(11), q.text(12), q.integer(13)};
               });
}

bool take_ticket(Tx& tx, std::string_view digest) {
  return tx.query("DELETE FROM tickets WHERE digest = ?1 RETURNING digest", digest).next();
}

void drop_tickets(Tx& tx) { tx.run("DELETE FROM tickets"); }

}  // namespace nexus::store
