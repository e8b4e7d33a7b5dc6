// Events as rows: the dense sequence of each tenant and env, and lists narrowed by everything they can be narrowed by,
// compared with a plain reading of the same events. And what a tenant prefers: which row counts.
#include "store/events.hpp"

#include <algorithm>

#include "store/model_rows.hpp"
#include "store/preferences.hpp"
#include "support.hpp"
#include "tests/catch.hpp"

namespace nexus::store::test {
namespace {

struct Store {
  Scratch scratch;
  Connection connection{ConnectionOptions{.path = scratch.database()}};
  Tx tx{connection};
  std::vector<domain::Event> written;
  Store() { migrate(connection, embedded_migrations()); }

  void write(int number, const std::string& tenant = "t_a") {
    domain::Event event;
    event.tenant_id = tenant;
    event.env = "dev";
    event.event_id = tenant + std::to_string(number);
    event.surface = number % 3 == 0 ? "cards" : "raw_storage";
    event.actor_id = number % 2 == 0 ? "u_ann" : "u_bob";
    event.actor_type = "human";
    event.event_type = number % 5 == 0 ? "card_created" : "raw_asset_presigned";
    event.input = event.output = event.metadata = "{}";
    event.trace_id = number % 7 == 0 ? "seven" : "other";
    event.request_id = "r";
    if (number % 4 == 0) event.run_id = "four";
    event.created_at = number * kSecond;
    append_event(tx, event);
    if (tenant == "t_a") written.push_back(event);
  }
  std::vector<std::string> list(const EventFilter& filter, std::int64_t before = 0, int limit = 1000) {
    std::vector<std::string> out;
    for (const auto& event : list_events(tx, {.tenant = "t_a", .env = "dev"}, filter, before, limit))
      out.push_back(event.event_id);
    return out;
  }
  /// What `list` must answer, found without SQL.
  std::vector<std::string> expected(const EventFilter& filter) {
    std::vector<std::string> out;
    for (const domain::Event& event : written) {
      const bool wanted =
          (!filter.event_type || *filter.event_type == event.event_type) &&
          (!filter.surface || *filter.surface == event.surface) && (!filter.actor || *filter.actor == event.actor_id) &&
          (!filter.trace_id || *filter.trace_id == event.trace_id) &&
          (!filter.run_id || filter.run_id == event.run_id) && (!filter.since || event.created_at >= *filter.since) &&
          (!filter.until || event.created_at < *filter.until);
      if (wanted) out.push_back(event.event_id);
    }
    std::ranges::reverse(out);
    return out;
  }
};

}  // namespace

TEST_CASE("a list of events is the same as a plain reading, however it is narrowed") {
  Store store;
  CHECK(store.list({}).empty());
  for (int number = 1; number <= 60; ++number) {
    store.write(number);
    store.write(number, "t_b");
  }
  using Text = std::optional<std::string>;
  using Time = std::optional<Micros>;
  for (const Text& type : {Text{}, Text{"card_created"}, Text{"none"}})
    for (const Text& surface : {Text{}, Text{"cards"}})
      for (const Text& actor : {Text{}, Text{"u_ann"}})
        for (const Text& trace : {Text{}, Text{"seven"}})
          for (const Time& since : {Time{}, Time{0}, Time{20 * kSecond}, Time{20 * kSecond + 1}, Time{99 * kSecond}})
            for (const Time& until : {Time{}, Time{0}, Time{40 * kSecond}, Time{40 * kSecond + 1}}) {
              EventFilter filter{type, surface, actor, trace, since, until};
              CHECK(store.list(filter) == store.expected(filter));
              filter.run_id = "four";
              CHECK(store.list(filter) == store.expected(filter));
            }
  CHECK(store.list({}, 4) == std::vector<std::string>{"t_a3", "t_a2", "t_a1"});
  CHECK(store.list({}, 0, 2) == std::vector<std::string>{"t_a60", "t_a59"});
}

TEST_CASE("an event is counted in its run, which is that of a trace when nobody started it") {
  Store store;
  for (int number = 1; number <= 20; ++number) store.write(number);
  const auto run = find_row<runs::kRun>(store.tx, {.tenant = "t_a", .env = "dev"}, "four");
  REQUIRE(run);
  CHECK(run->kind == "trace");
  CHECK(run->start_time == 4 * kSecond);
  CHECK(run->end_time == 20 * kSecond);
  CHECK(run->events_count == 5);
  CHECK(run->cards_count == 1);
  CHECK(list_run_event_types(store.tx, *run) == std::vector<std::string>{"card_created", "raw_asset_presigned"});
}

TEST_CASE("an event is found in its tenant and env alone") {
  Store store;
  store.write(1);
  REQUIRE(find_event(store.tx, {.tenant = "t_a", .env = "dev"}, "t_a1"));
  CHECK(find_event(store.tx, {.tenant = "t_a", .env = "dev"}, "t_a1")->seq == 1);
  CHECK_FALSE(find_event(store.tx, {.tenant = "t_a", .env = "prod"}, "t_a1"));
  CHECK_FALSE(find_event(store.tx, {.tenant = "t_b", .env = "dev"}, "t_a1"));
}

TEST_CASE("a limit of an action counts before that of the star") {
  Store store;
  CHECK_FALSE(find_rate_limit(store.tx, {.tenant = "t_a", .env = "dev"}, "raw_presign"));
  put_rate_limit(store.tx, {.tenant = "t_a", .env = "dev"}, "*", {10, 60}, 1, "u_ann");
  CHECK(find_rate_limit(store.tx, {.tenant = "t_a", .env = "dev"}, "raw_presign")->requests == 10);
  put_rate_limit(store.tx, {.tenant = "t_a", .env = "dev"}, "raw_presign", {5, 60}, 1, "u_ann");
  CHECK(find_rate_limit(store.tx, {.tenant = "t_a", .env = "dev"}, "raw_presign")->requests == 5);
  CHECK(find_rate_limit(store.tx, {.tenant = "t_a", .env = "dev"}, "raw_read")->requests == 10);
  CHECK_FALSE(find_rate_limit(store.tx, {.tenant = "t_a", .env = "prod"}, "raw_presign"));
  CHECK_FALSE(find_rate_limit(store.tx, {.tenant = "t_b", .env = "dev"}, "raw_presign"));
  delete_rate_limit(store.tx, {.tenant = "t_a", .env = "dev"}, "raw_presign");
  CHECK(find_rate_limit(store.tx, {.tenant = "t_a", .env = "dev"}, "raw_presign")->requests == 10);
}

TEST_CASE("a user's word on training counts before the tenant's") {
  Store store;
  const auto said = [&](const char* user) {
    return training_opt_out(store.tx, {.tenant = "t_a", .env = "dev"}, user).effective();
  };
  CHECK_FALSE(said("u_ann"));
  put_training_preference(store.tx, {.tenant = "t_a", .env = "dev"}, "", {true, 1, "u_bob"});
  CHECK(said("u_ann"));
  put_training_preference(store.tx, {.tenant = "t_a", .env = "dev"}, "u_ann", {false, 1, "u_ann"});
  CHECK_FALSE(said("u_ann"));
  CHECK(said("u_bob"));
  CHECK_FALSE(training_opt_out(store.tx, {.tenant = "t_a", .env = "prod"}, "u_bob").effective());
}

TEST_CASE("a user's opt-out holds in every env until he says otherwise, which he then says of one") {
  Store store;
  const auto said = [&](const char* env) {
    return training_opt_out(store.tx, {.tenant = "t_a", .env = env}, "u_ann").effective();
  };
  put_training_preference(store.tx, {.tenant = "t_a", .env = "prod"}, "", {true, 1, "u_bob"});
  put_training_preference(store.tx, {.tenant = "t_a", .env = "prod"}, "u_ann", {false, 2, "u_ann"});
  CHECK_FALSE(said("prod"));
  put_training_preference(store.tx, {.tenant = "t_a", .env = "dev"}, "u_ann", {true, 3, "u_ann"});
  CHECK((said("dev") && said("staging") && said("prod")));
  CHECK_FALSE(training_opt_out(store.tx, {.tenant = "t_b", .env = "dev"}, "u_ann").effective());
  put_training_preference(store.tx, {.tenant = "t_a", .env = "dev"}, "u_ann", {false, 4, "u_ann"});
  CHECK_FALSE(said("dev"));
  CHECK(said("prod"));  // the tenant's word
}

TEST_CASE("events are narrowed to those that models may learn from, or may not") {
  Store store;
  store.write(1);
  store.tx.run("UPDATE events SET train_ok = 0 WHERE seq = 1");
  store.write(2);
  EventFilter filter;
  filter.train_ok = false;
  CHECK(store.list(filter) == std::vector<std::string>{"t_a1"});
  filter.train_ok = true;
  CHECK(store.list(filter) == std::vector<std::string>{"t_a2"});
}

}  // namespace nexus::store::test
