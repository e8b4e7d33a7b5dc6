// Events of reads: written after the answer, in order, masked; dropped and counted when the queue is full, the store
// fails, or space is kept for what must be written.
#include "daemon/http/read_events.hpp"

#include <atomic>
#include <thread>

#include "daemon/limits.hpp"
#include "store/events.hpp"
#include "tests/catch.hpp"
#include "tests/unit/store/support.hpp"

namespace nexus::http {
namespace {

using store::test::Gate;

Caller caller_in(const std::string& tenant) {
  Caller caller;
  caller.user_id = "u_ann";
  caller.actor_type = "human";
  caller.tenant_id = TenantId::parse(tenant);
  caller.env_id = Env::dev;
  caller.request_id = "r-1";
  caller.trace_id = "trace-1";
  return caller;
}

audit::Activity search_for(const std::string& text) {
  return {"card_search", "card", "", Json{{"query_text", text}}, Json::object()};
}

struct Fixture {
  store::test::Scratch scratch;
  store::SqliteDatabase database{{.path = scratch.database()}};
  std::atomic<std::size_t> dropped = 0;
  std::atomic<bool> disk_is_low = false;
  ReadEvents events{database, [this] { return disk_is_low.load(); }, [this](std::size_t count) { dropped += count; }};

  ~Fixture() { database.writer().stop(); }

  void record(const std::string& text, const std::string& tenant = "t_a") {
    std::vector<audit::Activity> told;
    told.push_back(search_for(text));
    events.record(caller_in(tenant), "search", std::move(told));
  }
  /// What was recorded so far is stored or dropped when this returns.
  void settle() {
    events.flush();
    database.writer().run([](store::Tx&) {});
  }
  std::vector<domain::Event> stored(const std::string& tenant = "t_a") {
    return list_events(database.read().reader(), {.tenant = tenant, .env = "dev"}, {}, 0, 10'000);
  }
};

TEST_CASE("events of reads are stored in their order, as the caller's, and masked") {
  Fixture fixture;
  fixture.record("first");
  fixture.record("ann@example.com");
  fixture.record("elsewhere", "t_b");
  fixture.settle();
  const auto events = fixture.stored();
  REQUIRE(events.size() == 2);
  CHECK(events[1].input == R"({"query_text":"first"})");
  CHECK(events[1].train_ok);
  CHECK(events[0].input == R"({"query_text":"[REDACTED:email]"})");
  CHECK(events[0].pii_flags == std::vector<std::string>{"email"});
  CHECK_FALSE(events[0].train_ok);
  CHECK(events[0].surface == "search");
  CHECK(events[0].actor_id == "u_ann");
  CHECK(events[0].request_id == "r-1");
  CHECK(events[0].trace_id == "trace-1");
  CHECK(fixture.stored("t_b").size() == 1);
  CHECK(fixture.dropped == 0);
}

TEST_CASE("one tenant fills half of the queue; what it reads beyond is dropped and counted, and what waits is kept") {
  Fixture fixture;
  Gate gate;
  constexpr std::size_t most = limits::read_event_queue_max;
  REQUIRE(fixture.database.writer().submit([&](store::Tx&) { gate.pass(); }, [](const store::Result&) {}));
  for (std::size_t i = 0; i < most; ++i) fixture.record(std::to_string(i));
  const std::size_t kept = most - fixture.dropped;
  CHECK(kept >= most / 2);
  CHECK(kept <= most / 2 + 2);
  for (int i = 0; i < 100; ++i) fixture.record(std::to_string(i), "t_b");
  CHECK(fixture.dropped == most - kept);  // another tenant loses nothing
  gate.open();
  fixture.settle();
  const auto events = fixture.stored();
  REQUIRE(events.size() == kept);
  CHECK(events.front().input == R"({"query_text":")" + std::to_string(kept - 1) + "\"}");
  CHECK(events.back().input == R"({"query_text":"0"})");
  CHECK(fixture.stored("t_b").size() == 100);
  fixture.record("again");
  fixture.settle();
  CHECK(fixture.stored().size() == kept + 1);
  CHECK(fixture.dropped == most - kept);
}

TEST_CASE("tenants' events are written in turn, and what fails for one fails for nobody else") {
  Fixture fixture;
  fixture.database.writer().apply([](store::Tx& tx) {
    tx.run(
        "CREATE TRIGGER no_bad BEFORE INSERT ON events WHEN new.tenant_id = 't_bad' "
        "BEGIN SELECT RAISE(ABORT, 'no'); END");
  });
  Gate gate;
  REQUIRE(fixture.database.writer().submit([&](store::Tx&) { gate.pass(); }, [](const store::Result&) {}));
  for (int i = 0; i < 150; ++i) fixture.record("much", "t_bad");
  fixture.record("little", "t_b");
  gate.open();
  // t_bad had a turn before t_b came, and has one of two from then on.
  while (fixture.stored("t_b").empty()) std::this_thread::yield();
  fixture.settle();
  CHECK(fixture.dropped == 150);
  CHECK(fixture.stored("t_b").size() == 1);
}

TEST_CASE("events of reads never hold more than one place of the writer's queue") {
  Fixture fixture;
  Gate gate;
  REQUIRE(fixture.database.writer().submit([&](store::Tx&) { gate.pass(); }, [](const store::Result&) {}));
  for (int i = 0; i < 300; ++i) fixture.record("x");
  CHECK(fixture.database.writer().stats().queue_units <= 2);
  gate.open();
  fixture.settle();
  CHECK(fixture.stored().size() == 300);
}

TEST_CASE("what the store refuses is dropped and counted, and the next is tried") {
  Fixture fixture;
  fixture.database.writer().apply([](store::Tx& tx) { tx.run("ALTER TABLE events RENAME TO events_away"); });
  fixture.record("lost");
  fixture.settle();
  CHECK(fixture.dropped == 1);
  fixture.database.writer().apply([](store::Tx& tx) { tx.run("ALTER TABLE events_away RENAME TO events"); });
  fixture.record("kept");
  fixture.settle();
  CHECK(fixture.dropped == 1);
  CHECK(fixture.stored().size() == 1);
}

TEST_CASE("a writer without a place is asked again; space kept in reserve is not touched") {
  Fixture fixture;
  fixture.disk_is_low = true;
  fixture.record("dropped");
  CHECK(fixture.dropped == 1);
  fixture.disk_is_low = false;
  Gate gate;
  // Holds the writer until its queue is full.
  while (fixture.database.writer().submit([&](store::Tx&) { gate.pass(); }, [](const store::Result&) {})) {
  }
  fixture.record("patient");
  gate.open();
  while (fixture.database.writer().run([](store::Tx&) {}).outcome != store::Outcome::applied) std::this_thread::yield();
  fixture.events.retry();
  fixture.settle();
  CHECK(fixture.stored().size() == 1);
  CHECK(fixture.dropped == 1);
}

}  // namespace
}  // namespace nexus::http
