// Tickets with a clock that the test moves by hand: once, within thirty seconds, on one path, and never too many.
#include "daemon/guard/tickets.hpp"

#include "daemon/base/crypto.hpp"
#include "daemon/base/problem.hpp"
#include "daemon/limits.hpp"
#include "store/retention.hpp"
#include "store/tickets.hpp"
#include "tests/catch.hpp"
#include "tests/unit/store/support.hpp"

namespace nexus {
namespace {

constexpr Micros kStart = 1'000 * kHour;
constexpr Micros kLifetime = std::chrono::microseconds(limits::ticket_lifetime).count();
constexpr const char* kPath = "/sse/chat/general";

Caller caller_of(const std::string& user) {
  Caller caller;
  caller.user_id = user;
  caller.actor_type = "agent";
  caller.token_id = "jti-" + user;
  caller.vouched_by = "key-1";
  caller.tenant_id = TenantId::parse("t_acme");
  caller.env_id = Env::staging;
  caller.reason = "why";
  caller.scope = {.tenants = std::set<std::string>{"t_acme", "t_b"},
                  .envs = std::nullopt,
                  .role = Role::viewer,
                  .expires_at = kStart + kDay};
  return caller;
}

/// The wire code of what `work` throws, or "good".
template <class Work>
std::string outcome_of(Work work) {
  try {
    work();
    return "good";
  } catch (const Problem& problem) {
    return std::string(info(problem.code).code);
  }
}

struct Stage {
  store::test::Scratch scratch;
  store::SqliteDatabase database{{.path = scratch.database()}};

  tickets::Fresh make(const Caller& caller, Micros now = kStart) {
    tickets::Fresh ticket = tickets::draw(kPath);
    database.writer().apply([&](store::Tx& tx) { tickets::keep(tx, caller, ticket, now); });
    return ticket;
  }
  std::string made(const std::string& user, Micros now = kStart) {
    return outcome_of([&] { make(caller_of(user), now); });
  }
  tickets::Found find(const std::string& text, const std::string& path = kPath, Micros now = kStart) {
    return tickets::find(database.read().reader(), text, path, now);
  }
  /// Finds it and uses it up.
  std::string redeemed(const std::string& text, const std::string& path = kPath, Micros now = kStart) {
    return outcome_of([&] {
      const auto found = find(text, path, now);
      database.writer().apply([&](store::Tx& tx) { tickets::use_up(tx, found.digest); });
    });
  }
  /// Tickets of `user` that nobody counted.
  void fill(const std::string& user, std::size_t count) {
    database.writer().apply([&](store::Tx& tx) {
      store::Ticket ticket;
      ticket.user_id = user;
      ticket.until = kStart + kLifetime;
      for (std::size_t i = 0; i < count; ++i) {
        ticket.digest = user + std::to_string(i);
        store::put_ticket(tx, ticket);
      }
    });
  }
};

TEST_CASE("a ticket stands for the caller who made it") {
  Stage stage;
  const auto ticket = stage.make(caller_of("u_ann"));
  CHECK(ticket.text.starts_with("nxt_"));
  CHECK(ticket.text.size() == 47);
  CHECK(ticket.text.find(ticket.id) == std::string::npos);
  const Caller maker = stage.find(ticket.text).maker;
  CHECK(maker.user_id == "u_ann");
  CHECK(maker.actor_type == "agent");
  CHECK(maker.token_id == "jti-u_ann");
  CHECK(maker.vouched_by == "key-1");
  CHECK(maker.tenant().str() == "t_acme");
  CHECK(maker.env() == Env::staging);
  CHECK(maker.scope.tenants == std::set<std::string>{"t_acme", "t_b"});
  CHECK_FALSE(maker.scope.envs);
  CHECK(maker.scope.role == Role::viewer);
  CHECK(maker.scope.expires_at == kStart + kDay);
  CHECK(maker.reason == "why");
}

TEST_CASE("how a token is narrowed narrows its tickets: to nothing at all, too, and nothing else does") {
  Stage stage;
  Caller narrow = caller_of("u_ann");
  narrow.scope.tenants = std::nullopt;
  narrow.scope.envs = std::set<std::string>{};
  narrow.scope.role = std::nullopt;
  const Caller maker = stage.find(stage.make(narrow).text).maker;
  CHECK_FALSE(maker.scope.tenants);
  REQUIRE(maker.scope.envs);
  CHECK(maker.scope.envs->empty());
  CHECK_FALSE(maker.scope.role);
}

TEST_CASE("the store holds a ticket's digest, and never its text") {
  Stage stage;
  const auto ticket = stage.make(caller_of("u_ann"));
  CHECK(ticket.digest == sha256_hex(ticket.text));
  auto lease = stage.database.read();
  auto row = lease.reader().query("SELECT * FROM tickets");
  REQUIRE(row.next());
  CHECK(row.text(0) == ticket.digest);
  for (int column = 0; column < 14; ++column) {
    CHECK(row.text(column).find(ticket.text.substr(4)) == std::string::npos);
    CHECK(row.text(column) != ticket.id);
  }
  CHECK_FALSE(row.next());
}

TEST_CASE("a ticket is good once") {
  Stage stage;
  const auto ticket = stage.make(caller_of("u_ann"));
  CHECK(stage.redeemed(ticket.text) == "good");
  CHECK(stage.redeemed(ticket.text) == "auth.invalid_ticket");
}

TEST_CASE("of several who found a ticket, one uses it") {
  Stage stage;
  const auto ticket = stage.make(caller_of("u_ann"));
  const auto one = stage.find(ticket.text), other = stage.find(ticket.text);
  const auto use = [&](const tickets::Found& found) {
    return outcome_of(
        [&] { stage.database.writer().apply([&](store::Tx& tx) { tickets::use_up(tx, found.digest); }); });
  };
  CHECK(use(one) == "good");
  CHECK(use(other) == "auth.invalid_ticket");
}

TEST_CASE("a ticket is good for thirty seconds") {
  Stage stage;
  const auto first = stage.make(caller_of("u_ann")), second = stage.make(caller_of("u_ann"));
  CHECK(stage.redeemed(first.text, kPath, kStart + 29'999'999) == "good");
  CHECK(stage.redeemed(second.text, kPath, kStart + 30'000'000) == "auth.invalid_ticket");
}

TEST_CASE("a ticket of another path is none, and stays good for its own") {
  Stage stage;
  const auto ticket = stage.make(caller_of("u_ann"));
  for (const char* other : {"/ws/chat/general", "/sse/chat/general2", "/sse/chat/", "/sse/audit", ""})
    CHECK(stage.redeemed(ticket.text, other) == "auth.invalid_ticket");
  CHECK(stage.redeemed(ticket.text) == "good");
}

TEST_CASE("what is no ticket is refused") {
  Stage stage;
  const auto ticket = stage.make(caller_of("u_ann"));
  std::string text = ticket.text;
  for (const std::string& other :
       {std::string(), std::string("nxt_"), text + "A", text.substr(0, 46), "nxr_" + text.substr(4),
        "nxt_" + std::string(43, 'A'), std::string(100'000, 'n'), ticket.digest})
    CHECK(stage.redeemed(other) == "auth.invalid_ticket");
  char& last = text[20];
  last = last == 'A' ? 'B' : 'A';
  CHECK(stage.redeemed(text) == "auth.invalid_ticket");
}

TEST_CASE("a user holds so many unused tickets and not one more; used and expired ones do not count") {
  Stage stage;
  stage.fill("u_ann", limits::tickets_per_user_max - 1);
  const auto last = stage.make(caller_of("u_ann"));
  CHECK(stage.made("u_ann") == "rate_limit_exceeded");
  CHECK(stage.made("u_bob") == "good");
  CHECK(stage.redeemed(last.text) == "good");
  CHECK(stage.made("u_ann") == "good");
  CHECK(stage.made("u_ann") == "rate_limit_exceeded");
  CHECK(stage.made("u_ann", kStart + kLifetime) == "good");
}

TEST_CASE("all users together hold so many unused tickets and not one more") {
  Stage stage;
  for (std::size_t user = 0; user < limits::tickets_max / limits::tickets_per_user_max; ++user)
    stage.fill("u_" + std::to_string(user) + "_", limits::tickets_per_user_max);
  CHECK(stage.made("u_late") == "store.busy");
  CHECK(stage.made("u_late", kStart + kLifetime) == "good");
}

TEST_CASE("tickets that nobody used go when they end, oldest first", "[retention]") {
  Stage stage;
  const auto early = stage.make(caller_of("u_ann")), late = stage.make(caller_of("u_ann"), kStart + 1);
  const Micros now = kStart + kLifetime;
  CHECK(store::count_expired(stage.database.read().reader(), store::kExpiredTickets, now + 1) == 1);
  CHECK(store::count_expired(stage.database.read().reader(), store::kExpiredTickets, now + 2) == 2);
  std::int64_t dropped = 0;
  stage.database.writer().apply([&](store::Tx& tx) {
    dropped = store::drop_expired(tx, store::kExpiredTickets, now + 2, 1, store::Realms::every());
  });
  CHECK(dropped == 1);
  CHECK(stage.redeemed(early.text) == "auth.invalid_ticket");
  CHECK(stage.redeemed(late.text, kPath, now) == "good");
}

}  // namespace
}  // namespace nexus
