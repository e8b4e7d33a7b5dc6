// What units leave to the end of their group: when it is done, what undoes it, and who pays.
#include <chrono>
#include <thread>

#include "support.hpp"
#include "tests/catch.hpp"

using namespace nexus::store;
using namespace nexus::store::test;

namespace {

struct EndedGroups {
  explicit EndedGroups(WriterLimits limits) {
    auto options = notes_options(scratch);
    options.writer = std::move(limits);
    database.emplace(std::move(options));
  }
  SqliteWriter& writer() { return database->writer(); }
  std::int64_t count() { return count_notes(database->read().reader()); }
  /// Holds the writer still until the gate opens.
  void hold(Gate& gate) {
    REQUIRE(writer().submit([&gate](Tx&) { gate.pass(); }, [](const Result&) {}));
    while (writer().stats().queue_units != 0) std::this_thread::yield();
  }

  Scratch scratch;
  std::optional<SqliteDatabase> database;
};

void unanswered(const Result&) {}

}  // namespace

TEST_CASE("what units leave to the end of the group is done after the last of them, in order", "[group_end]") {
  EndedGroups open({.batch_time = std::chrono::seconds(1)});
  Gate gate;
  open.hold(gate);
  std::string order;
  for (int i = 0; i < 3; ++i) {
    open.writer().submit(
        [&order, i](Tx& tx) {
          order += std::to_string(i);
          tx.at_group_end({1, [&order, i](Tx& at_end) {
                             order += " end" + std::to_string(i);
                             add_note(at_end, i);
                           }});
        },
        [&order](const Result& result) { order += result.outcome == Outcome::applied ? " ok" : " no"; });
  }
  gate.open();
  open.writer().stop();
  CHECK(order == "012 end0 end1 end2 ok ok ok");
  CHECK(open.count() == 3);
  CHECK(open.writer().stats().batches == 2);
}

TEST_CASE("what an undone unit left to the end is dropped with it", "[group_end]") {
  EndedGroups open({.batch_time = std::chrono::seconds(1)});
  Gate gate;
  open.hold(gate);
  for (int i = 0; i < 3; ++i) {
    open.writer().submit(
        [i](Tx& tx) {
          tx.at_group_end({1, [i](Tx& at_end) { add_note(at_end, i); }});
          if (i == 1) throw std::runtime_error("no");
        },
        unanswered);
  }
  gate.open();
  open.writer().stop();
  CHECK(open.count() == 2);
  CHECK_FALSE(has_note(open.database->read().reader(), 1));
}

TEST_CASE("a unit that runs twice leaves its work to the end once", "[group_end]") {
  EndedGroups open({.batch_time = std::chrono::seconds(1), .rerun_one_of = 1});
  Gate gate;
  open.hold(gate);
  int ends = 0;
  for (int i = 0; i < 3; ++i)
    open.writer().submit([&](Tx& tx) { tx.at_group_end({1, [&](Tx&) { ++ends; }}); }, unanswered);
  gate.open();
  open.writer().stop();
  CHECK(ends == 3);  // those before it keep theirs
}

TEST_CASE("a failure at the end of the group undoes its own unit alone", "[group_end]") {
  EndedGroups open({.batch_time = std::chrono::seconds(1)});
  Gate gate;
  open.hold(gate);
  std::vector<Result> results;
  for (int i = 0; i < 5; ++i) {
    open.writer().submit(
        [i](Tx& tx) {
          add_note(tx, i);
          if (i == 0) throw std::runtime_error("refused before");
          if (i == 2) tx.at_group_end({1, [](Tx& at_end) { add_note(at_end, 1); }});  // breaks the constraint
          if (i == 3) tx.at_group_end({1, [](Tx& at_end) { add_note(at_end, 13); }});
        },
        [&results](const Result& result) { results.push_back(result); });
  }
  gate.open();
  open.writer().stop();
  REQUIRE(results.size() == 5);
  CHECK(results[0].outcome == Outcome::refused);
  CHECK(results[2].outcome == Outcome::not_applied);
  CHECK(results[2].failure == Failure::constraint);
  CHECK_THROWS_AS(std::rethrow_exception(results[2].error), Error);
  for (const std::size_t innocent : {1U, 3U, 4U}) CHECK(results[innocent].outcome == Outcome::applied);
  CHECK(open.count() == 4);
  CHECK(has_note(open.database->read().reader(), 13));
  CHECK_FALSE(has_note(open.database->read().reader(), 2));
}

TEST_CASE("a tenant whose work at the end always fails makes others run again once, not in each group", "[group_end]") {
  EndedGroups open({.batch_time = std::chrono::seconds(1)});
  int runs = 0, applied = 0, not_applied = 0;
  for (int group = 0; group < 5; ++group) {
    Gate gate;
    open.hold(gate);
    open.writer().submit({.unit = [&runs](Tx&) { ++runs; },
                          .done = [&](const Result& result) { applied += result.outcome == Outcome::applied; },
                          .realms = Realms::every("t_good")});
    open.writer().submit({.unit =
                              [](Tx& tx) {
                                tx.at_group_end({1, [](Tx&) { throw std::runtime_error("never"); }});
                              },
                          .done = [&](const Result& result) { not_applied += result.outcome == Outcome::not_applied; },
                          .realms = Realms::every("t_bad")});
    gate.open();
    open.writer().run([](Tx&) {});
  }
  open.writer().stop();
  CHECK(applied == 5);
  CHECK(not_applied == 5);
  CHECK(runs == 6);
}

TEST_CASE("a group ends with the unit that leaves as much to its end as it may", "[group_end]") {
  EndedGroups open({.batch_left_bytes = 1000, .batch_time = std::chrono::seconds(1)});
  Gate gate;
  open.hold(gate);
  for (int i = 0; i < 6; ++i) open.writer().submit([](Tx& tx) { tx.at_group_end({600, [](Tx&) {}}); }, unanswered);
  gate.open();
  open.writer().stop();
  CHECK(open.writer().stats().batches == 4);  // the gate, then three of two units
}

TEST_CASE("a group ends with a unit that alone leaves much: who comes next waits for no second one", "[group_end]") {
  for (const auto& [most, groups] : {std::pair<std::size_t, std::uint64_t>{600, 7}, {601, 2}}) {
    EndedGroups open({.unit_left_bytes = most, .batch_time = std::chrono::seconds(1)});
    Gate gate;
    open.hold(gate);
    for (int i = 0; i < 6; ++i) open.writer().submit([](Tx& tx) { tx.at_group_end({600, [](Tx&) {}}); }, unanswered);
    gate.open();
    open.writer().stop();
    CHECK(open.writer().stats().batches == groups);  // the gate, then each alone or all together
  }
}

TEST_CASE("what is left to the end is charged to the tenant that left it", "[group_end]") {
  using namespace std::chrono_literals;
  auto time = std::chrono::steady_clock::time_point{};
  EndedGroups open({.batch_units = 1, .batch_time = 1h, .now = [&time] { return time; }});
  Gate gate;
  open.hold(gate);
  std::string order;
  for (const char* tenant : {"t_a", "t_a", "t_b", "t_b"})
    open.writer().submit({.unit =
                              [&, tenant](Tx& tx) {
                                order += tenant[2];
                                if (tenant[2] == 'a') tx.at_group_end({1, [&](Tx&) { time += 50ms; }});
                                time += 1ms;
                              },
                          .done = unanswered,
                          .realms = Realms().add({.tenant = tenant, .env = "dev"})});
  gate.open();
  open.writer().stop();
  CHECK(order == "abba");
}
