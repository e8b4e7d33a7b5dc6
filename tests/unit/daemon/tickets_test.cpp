// Tickets with a clock that the test moves by hand: once, within thirty seconds, on one path, and never too many.
#include "daemon/guard/tickets.hpp"

#include "daemon/base/problem.hpp"
#include "daemon/limits.hpp"
#include "tests/catch.hpp"

namespace nexus {
namespace {

const Tickets::Time kStart{std::chrono::hours(1)};
constexpr const char* kPath = "/sse/chat/general";

Caller caller_of(const std::string& user) {
  Caller caller;
  caller.user_id = user;
  caller.actor_type = "agent";
  caller.token_id = "jti-" + user;
  caller.tenant_id = TenantId::parse("t_acme");
  caller.env_id = Env::staging;
  caller.reason = "why";
  caller.scope.role = Role::viewer;
  return caller;
}

/// The wire code of the refusal, or "good".
std::string redeemed(Tickets& tickets, const std::string& text, const std::string& path, Tickets::Time now) {
  try {
    tickets.redeem(text, path, now);
    return "good";
  } catch (const Problem& problem) {
    return std::string(info(problem.code).code);
  }
}

std::string made(Tickets& tickets, const std::string& user, Tickets::Time now) {
  try {
    tickets.make(caller_of(user), kPath, now);
    return "good";
  } catch (const Problem& problem) {
    return std::string(info(problem.code).code);
  }
}

TEST_CASE("a ticket stands for the caller who made it") {
  Tickets tickets;
  const auto ticket = tickets.make(caller_of("u_ann"), kPath, kStart);
  CHECK(ticket.text.starts_with("nxt_"));
  CHECK(ticket.text.size() == 47);
  CHECK(ticket.text.find(ticket.id) == std::string::npos);
  const Caller maker = tickets.redeem(ticket.text, kPath, kStart);
  CHECK(maker.user_id == "u_ann");
  CHECK(maker.actor_type == "agent");
  CHECK(maker.token_id == "jti-u_ann");
  CHECK(maker.tenant().str() == "t_acme");
  CHECK(maker.env() == Env::staging);
  CHECK(maker.scope.role == Role::viewer);
  CHECK(maker.reason == "why");
}

TEST_CASE("a ticket is good once") {
  Tickets tickets;
  const auto ticket = tickets.make(caller_of("u_ann"), kPath, kStart);
  CHECK(redeemed(tickets, ticket.text, kPath, kStart) == "good");
  CHECK(redeemed(tickets, ticket.text, kPath, kStart) == "auth.invalid_ticket");
}

TEST_CASE("a ticket is good for thirty seconds") {
  Tickets tickets;
  const auto first = tickets.make(caller_of("u_ann"), kPath, kStart);
  const auto second = tickets.make(caller_of("u_ann"), kPath, kStart);
  CHECK(redeemed(tickets, first.text, kPath, kStart + std::chrono::milliseconds(29'999)) == "good");
  CHECK(redeemed(tickets, second.text, kPath, kStart + std::chrono::seconds(30)) == "auth.invalid_ticket");
}

TEST_CASE("a ticket of another path is none, and stays good for its own") {
  Tickets tickets;
  const auto ticket = tickets.make(caller_of("u_ann"), kPath, kStart);
  for (const char* other : {"/ws/chat/general", "/sse/chat/general2", "/sse/chat/", "/sse/audit", ""})
    CHECK(redeemed(tickets, ticket.text, other, kStart) == "auth.invalid_ticket");
  CHECK(redeemed(tickets, ticket.text, kPath, kStart) == "good");
}

TEST_CASE("what is no ticket is refused") {
  Tickets tickets;
  std::string text = tickets.make(caller_of("u_ann"), kPath, kStart).text;
  for (const std::string& other : {std::string(), std::string("nxt_"), text + "A", text.substr(0, 46),
                                   "nxr_" + text.substr(4), "nxt_" + std::string(43, 'A'), std::string(100'000, 'n')})
    CHECK(redeemed(tickets, other, kPath, kStart) == "auth.invalid_ticket");
  char& last = text[20];
  last = last == 'A' ? 'B' : 'A';
  CHECK(redeemed(tickets, text, kPath, kStart) == "auth.invalid_ticket");
}

TEST_CASE("a user holds so many unused tickets and not one more; used and expired ones do not count") {
  Tickets tickets;
  const auto first = tickets.make(caller_of("u_ann"), kPath, kStart);
  for (std::size_t i = 1; i < limits::tickets_per_user_max; ++i) REQUIRE(made(tickets, "u_ann", kStart) == "good");
  CHECK(made(tickets, "u_ann", kStart) == "rate_limit_exceeded");
  CHECK(made(tickets, "u_bob", kStart) == "good");
  CHECK(redeemed(tickets, first.text, kPath, kStart) == "good");
  CHECK(made(tickets, "u_ann", kStart) == "good");
  CHECK(made(tickets, "u_ann", kStart) == "rate_limit_exceeded");
  CHECK(made(tickets, "u_ann", kStart + limits::ticket_lifetime) == "good");
}

TEST_CASE("all users together hold so many unused tickets and not one more") {
  Tickets tickets;
  for (std::size_t i = 0; i < limits::tickets_max; ++i)
    REQUIRE(made(tickets, "u_" + std::to_string(i / limits::tickets_per_user_max), kStart) == "good");
  CHECK(made(tickets, "u_late", kStart) == "store.busy");
  CHECK(made(tickets, "u_late", kStart + limits::ticket_lifetime) == "good");
}

}  // namespace
}  // namespace nexus
