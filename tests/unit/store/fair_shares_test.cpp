// The writer's time is shared by tenant: whose unit runs next, what a unit may write, and that it may run twice.
#include <algorithm>
#include <atomic>
#include <random>
#include <thread>

#include "daemon/base/fair_queue.hpp"
#include "support.hpp"
#include "tests/catch.hpp"

using namespace nexus::store;
using nexus::FairQueue;
using namespace nexus::store::test;

namespace {

const std::int64_t kGroupTime = WriterLimits{}.batch_time.count();  // in microseconds, as all costs
constexpr std::int64_t kQuietCost = 200;                            // of a unit of the quiet tenant, at most

struct Entry {
  std::string tenant;
  std::int64_t cost = 0;
  std::int64_t came = 0;  // what all had used by then
};

/// The longest that a unit of the quiet tenant, which has one at a time, waited while others ran.
std::int64_t longest_wait(unsigned seed, int busy_tenants, bool fair, std::int64_t cost_max) {
  std::mt19937 random(seed);
  const auto below = [&](std::int64_t end) { return static_cast<std::int64_t>(random() % static_cast<unsigned>(end)); };
  FairQueue<Entry> queue;
  std::int64_t used = 0, longest = 0;
  bool quiet_waits = false;
  const auto push = [&](const std::string& tenant, std::int64_t cost) {
    queue.push(fair ? tenant : "", {tenant, cost, used});
  };
  for (int step = 0; step < 5000; ++step) {
    while (queue.size() < 100) push("busy " + std::to_string(below(busy_tenants)), 1 + below(cost_max));
    if (!quiet_waits && below(4) == 0) {
      push("quiet", 1);
      quiet_waits = true;
    }
    const auto next = queue.pop();
    REQUIRE(next);
    if (next->tenant == "quiet") {
      longest = std::max(longest, used - next->came);
      quiet_waits = false;
    }
    used += next->cost;
    queue.charge(fair ? next->tenant : "", next->cost);
  }
  return longest;
}

struct OpenWriter {
  explicit OpenWriter(WriterLimits limits) {
    auto options = notes_options(scratch);
    options.writer = std::move(limits);
    database.emplace(std::move(options));
  }
  SqliteWriter& writer() { return database->writer(); }
  /// Holds the writer still until the gate opens.
  void hold(Gate& gate) {
    REQUIRE(writer().submit([&gate](Tx&) { gate.pass(); }, [](const Result&) {}));
    while (writer().stats().queue_units != 0) std::this_thread::yield();
  }

  Scratch scratch;
  std::optional<SqliteDatabase> database;
};

Realms only(std::string_view tenant) { return Realms().add({.tenant = tenant, .env = "dev"}); }

/// What a unit waited for between its submit and its run.
struct Waited {
  std::int64_t micros = 0;  // of the others' units
  std::int64_t syncs = 0;   // of groups, beside those that the others filled meanwhile
};

/// Units of random tenants with random costs, on a real writer whose clock they move. All of it happens on the writer's
/// thread: a unit that runs submits those that come next. So a seed always makes the same run.
class Crowd {
 public:
  /// `busy` tenants always have units waiting, of up to `cost_max` each; a quiet one has one at a time.
  Crowd(unsigned seed, int busy, bool fair, std::int64_t cost_max)
      : busy_(busy),
        cost_max_(cost_max),
        random_(seed),
        open_({.fair = fair,
               .now = [this] { return std::chrono::steady_clock::time_point(std::chrono::microseconds(used_)); }}) {}

  /// The longest that a unit of the quiet tenant waited, in a run of so many units.
  Waited run(int units) {
    left_ = units;
    Gate gate;
    open_.hold(gate);
    submit_more();
    gate.open();
    over_.pass();
    open_.writer().stop();
    return longest_;
  }

 private:
  std::int64_t below(std::int64_t end) { return static_cast<std::int64_t>(random_() % static_cast<unsigned>(end)); }

  /// That are committed.
  std::int64_t groups() { return static_cast<std::int64_t>(open_.writer().stats().batches); }

  void submit_more() {
    if (left_ <= 0) return;
    while (waiting_ < 100) submit("busy " + std::to_string(below(busy_)), 1 + below(cost_max_));
    if (quiet_waits_ || below(8) != 0) return;
    quiet_waits_ = true;
    submit("quiet", 1 + below(kQuietCost));
  }

  void submit(const std::string& tenant, std::int64_t cost) {
    const Waited came{used_, groups()};
    open_.writer().submit({.unit = [this, tenant, cost, came](Tx&) { run_unit(tenant == "quiet", cost, came); },
                           .done = [](const Result&) {},
                           .realms = only(tenant)});
    ++waiting_;
  }

  void run_unit(bool is_quiet, std::int64_t cost, const Waited& came) {
    --waiting_;
    if (is_quiet) {
      quiet_waits_ = false;
      longest_.micros = std::max(longest_.micros, used_ - came.micros);
      longest_.syncs = std::max(longest_.syncs, groups() - came.syncs - (used_ - came.micros) / kGroupTime);
    }
    submit_more();  // while it runs, and when it has run
    used_ += cost;
    submit_more();
    if (--left_ == 0) over_.open();
  }

  const int busy_;
  const std::int64_t cost_max_;
  std::mt19937 random_;
  std::atomic<std::int64_t> used_{0};
  int waiting_ = 0, left_ = 0;
  bool quiet_waits_ = false;
  Waited longest_;
  Gate over_;
  OpenWriter open_;  // ends first
};

struct Sent {
  std::string tenant;
  std::size_t bytes = 0;
};

/// In which place the last of these units runs, which come while the writer is held.
std::size_t place_of_last(const WriterLimits& limits, const std::vector<Sent>& sent) {
  OpenWriter open(limits);
  Gate gate;
  open.hold(gate);
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < sent.size(); ++i)
    open.writer().submit({.unit = [&order, i](Tx&) { order.push_back(i); },
                          .done = [](const Result&) {},
                          .realms = only(sent[i].tenant),
                          .bytes = sent[i].bytes});
  gate.open();
  open.writer().stop();
  return static_cast<std::size_t>(std::ranges::find(order, sent.size() - 1) - order.begin());
}

/// In which place the one unit of a quiet tenant runs, behind forty of a busy one that came before it.
std::size_t place_of_the_quiet(bool fair) {
  std::vector<Sent> sent(40, {"t_busy"});
  sent.push_back({"t_quiet"});
  return place_of_last({.fair = fair}, sent);
}

/// In which place a small unit runs, behind forty of its own tenant that hold 64 KiB each.
std::size_t place_of_the_small(std::size_t large_bytes) {
  std::vector<Sent> sent(40, {"t_one", 64 << 10});
  sent.push_back({"t_one"});
  return place_of_last({.large_bytes = large_bytes}, sent);
}

}  // namespace

TEST_CASE("a quiet tenant waits for at most one unit of each busy one") {
  constexpr std::int64_t cost_max = 50;
  for (unsigned seed = 1; seed <= 20; ++seed) {
    const int busy = 1 + static_cast<int>(seed % 8);
    CAPTURE(seed, busy);
    CHECK(longest_wait(seed, busy, true, cost_max) <= busy * cost_max);
  }
  CHECK(longest_wait(1, 3, false, cost_max) > 3 * cost_max);  // the control: first come, first served
}

TEST_CASE("the unit of a quiet tenant passes those of a busy one") {
  CHECK(place_of_the_quiet(true) <= 1);
  CHECK(place_of_the_quiet(false) == 40);  // the control
}

TEST_CASE("a small unit passes the large ones of its own tenant") {
  CHECK(place_of_the_small(WriterLimits().large_bytes) <= 1);
  CHECK(place_of_the_small(1 << 20) == 40);  // the control: all are small
}

TEST_CASE("a unit of a quiet tenant waits for 2 ms of each busy one, or for its longer unit, and for one sync") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    const int busy = 1 + static_cast<int>(seed % 8);
    const std::int64_t share = seed % 5 == 0 ? 5 * kGroupTime : kGroupTime;
    const Waited waited = Crowd(seed, busy, true, share - kQuietCost).run(3000);
    CAPTURE(seed, busy, share);
    CHECK(waited.micros > 0);
    CHECK(waited.micros <= busy * share);
    CHECK(waited.syncs == 1);
  }
  CHECK(Crowd(1, 3, false, kGroupTime - kQuietCost).run(3000).micros > 3 * kGroupTime);  // the control: fairness off
}

TEST_CASE("a tenant fills its own part of the queue, not that of the others") {
  OpenWriter open({.queue_units = 10, .queue_units_tenant = 4});
  Gate gate;
  open.hold(gate);
  const auto submit = [&](std::string_view tenant) {
    return open.writer().submit({.unit = [](Tx&) {}, .done = [](const Result&) {}, .realms = only(tenant)});
  };
  for (int i = 0; i < 4; ++i) CHECK(submit("t_busy"));
  CHECK_FALSE(submit("t_busy"));
  CHECK(submit("t_quiet"));
  gate.open();
  open.writer().stop();
}

TEST_CASE("a tenant fills the queue with bytes in its own part only, also the queue of what stops things") {
  const Priority priority = GENERATE(Priority::normal, Priority::high);
  OpenWriter open({.queue_bytes = 1000, .queue_bytes_tenant = 100});
  Gate gate;
  open.hold(gate);
  const auto submit = [&](std::string_view tenant, std::size_t bytes) {
    return open.writer().submit({.unit = [](Tx&) {},
                                 .done = [](const Result&) {},
                                 .realms = only(tenant),
                                 .bytes = bytes,
                                 .priority = priority});
  };
  CHECK(submit("t_busy", 5000));  // alone it may be larger than all bounds
  CHECK_FALSE(submit("t_busy", 1));
  CHECK(submit("t_quiet", 90));
  CHECK_FALSE(submit("t_quiet", 11));
  gate.open();
  while (open.writer().stats().queue_units != 0) std::this_thread::yield();
  CHECK(submit("t_busy", 90));
  open.writer().stop();
  CHECK(open.writer().stats().applied == 4);
}

TEST_CASE("a tenant fills its own part of the queue of what stops things") {
  OpenWriter open({.queue_units_high = 10, .queue_units_high_tenant = 4});
  Gate gate;
  open.hold(gate);
  const auto submit = [&](std::string_view tenant) {
    return open.writer().submit(
        {.unit = [](Tx&) {}, .done = [](const Result&) {}, .realms = only(tenant), .priority = Priority::high});
  };
  for (int i = 0; i < 4; ++i) CHECK(submit("t_busy"));
  CHECK_FALSE(submit("t_busy"));
  CHECK(submit("t_quiet"));
  gate.open();
  open.writer().stop();
}

TEST_CASE("a group ends with the unit that fills its bytes") {
  OpenWriter open({.batch_bytes = 1000, .batch_time = std::chrono::seconds(1)});
  Gate gate;
  open.hold(gate);
  for (int i = 0; i < 6; ++i)
    open.writer().submit(
        {.unit = [i](Tx& tx) { add_note(tx, i); }, .done = [](const Result&) {}, .realms = only("t_a"), .bytes = 600});
  gate.open();
  open.writer().stop();
  CHECK(open.writer().stats().batches == 4);  // the gate, then three of two units
}

TEST_CASE("a unit that writes where it did not say it would is undone") {
  OpenWriter open({});
  std::vector<Outcome> outcomes;
  for (const char* tenant : {"t_a", "t_b"})
    open.writer().submit({.unit =
                              [tenant](Tx& tx) {
                                add_note(tx, tenant[2]);
                                tx.touch({.tenant = tenant, .env = "dev"});
                              },
                          .done = [&](const Result& result) { outcomes.push_back(result.outcome); },
                          .realms = only("t_a")});
  open.writer().stop();
  CHECK(outcomes == std::vector{Outcome::applied, Outcome::refused});
  CHECK(count_notes(open.database->read().reader()) == 1);
  const Realms every_env = Realms().add({.tenant = "t_a", .env = ""});
  CHECK(every_env.has({.tenant = "t_a", .env = "prod"}));
  CHECK_FALSE(every_env.has({.tenant = "t_b", .env = "prod"}));
}

TEST_CASE("a unit that runs twice counts once") {
  OpenWriter open({.rerun_one_of = 1});
  int runs = 0;
  open.writer().apply([&](Tx& tx) {
    ++runs;
    add_note(tx, 1);
  });
  CHECK(runs == 2);
  CHECK(count_notes(open.database->read().reader()) == 1);
}
