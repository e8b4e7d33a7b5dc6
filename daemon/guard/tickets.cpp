#include "daemon/guard/tickets.hpp"

#include "daemon/base/bytes.hpp"
#include "daemon/base/crypto.hpp"
#include "daemon/base/json.hpp"
#include "daemon/base/problem.hpp"
#include "daemon/base/problems.hpp"
#include "daemon/base/uuid.hpp"
#include "daemon/guard/problems.hpp"
#include "daemon/limits.hpp"
#include "store/tickets.hpp"

namespace nexus::tickets {
namespace {

using Names = std::optional<std::set<std::string>>;

constexpr std::string_view kPrefix = "nxt_";
constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kTextChars = kPrefix.size() + (kSecretBytes * 4 + 2) / 3;

[[noreturn]] void refuse() {
  throw Problem(problems::auth_invalid_ticket, "ask POST /tickets for a new one: a ticket opens one stream, once");
}

void judge_number(const store::TicketsHeld& held) {
  if (held.in_all >= static_cast<std::int64_t>(limits::tickets_max))
    throw Problem(problems::store_busy, "too many tickets wait to be used: try again").with_retry_after(1);
  if (held.of_user >= static_cast<std::int64_t>(limits::tickets_per_user_max))
    throw Problem(problems::rate_limit_exceeded,
                  "this user holds too many unused tickets: use them, or let them expire")
        .with_retry_after(1);
}

std::optional<std::string> text_of(const Names& names) {
  return names ? std::optional(to_text(Json(*names))) : std::nullopt;
}

Names names_of(const std::optional<std::string>& text) {
  return text ? Names(parse_own_json(*text).get<std::set<std::string>>()) : std::nullopt;
}

/// A role that nobody knows narrows to nothing.
std::optional<Role> role_of(const std::optional<std::string>& text) {
  const auto role = text ? parse_role(*text) : std::nullopt;
  if (text && !role) refuse();
  return role;
}

Caller maker_of(store::Ticket ticket) {
  Caller maker;
  maker.user_id = std::move(ticket.user_id);
  maker.actor_type = std::move(ticket.actor_type);
  maker.token_id = std::move(ticket.token_id);
  maker.vouched_by = std::move(ticket.vouched_by);
  maker.scope = {.tenants = names_of(ticket.tenants),
                 .envs = names_of(ticket.envs),
                 .role = role_of(ticket.role),
                 .expires_at = ticket.token_expires_at};
  maker.tenant_id = TenantId::parse(ticket.tenant_id);
  maker.env_id = parse_env(ticket.env);
  maker.reason = std::move(ticket.reason);
  return maker;
}

}  // namespace

Fresh draw(std::string path) {
  Fresh ticket{.text = std::string(kPrefix) + base64url(random_bytes(kSecretBytes)),
               .digest = {},
               .id = uuid_v7(),
               .path = std::move(path)};
  ticket.digest = sha256_hex(ticket.text);
  return ticket;
}

Micros keep(store::Tx& tx, const Caller& caller, const Fresh& ticket, Micros now) {
  judge_number(store::count_tickets(tx, caller.user_id, now, limits::tickets_max));
  const Micros until = now + std::chrono::microseconds(limits::ticket_lifetime).count();
  const TokenScope& scope = caller.scope;
  store::put_ticket(tx, {.digest = ticket.digest,
                         .tenant_id = caller.tenant().str(),
                         .env = std::string(to_string(caller.env())),
                         .path = ticket.path,
                         .user_id = caller.user_id,
                         .actor_type = caller.actor_type,
                         .token_id = caller.token_id,
                         .vouched_by = caller.vouched_by,
                         .tenants = text_of(scope.tenants),
                         .envs = text_of(scope.envs),
                         .role = scope.role ? std::optional(std::string(to_string(*scope.role))) : std::nullopt,
                         .token_expires_at = scope.expires_at,
                         .reason = caller.reason,
                         .until = until});
  return until;
}

Found find(const store::Reader& reader, std::string_view text, std::string_view path, Micros now) {
  if (text.size() != kTextChars || !text.starts_with(kPrefix)) refuse();
  auto ticket = store::find_ticket(reader, sha256_hex(text), now);
  if (!ticket || ticket->path != path) refuse();
  std::string digest = ticket->digest;
  return {std::move(digest), maker_of(std::move(*ticket))};
}

void use_up(store::Tx& tx, std::string_view digest) {
  if (!store::take_ticket(tx, digest)) refuse();
}

}  // namespace nexus::tickets
