// F3, "fail the Nth step": whatever write or sync fails, applied means present, not applied and refused mean absent,
// a failed sync of a COMMIT is neither and stops the writer, and a restart heals.
#include <map>

#include "fault_vfs.hpp"
#include "support.hpp"
#include "tests/catch.hpp"

using namespace nexus::store;
using namespace nexus::store::test;

namespace {

struct Run {
  std::map<std::int64_t, Result> results;
  int fatals = 0;
  WriterStats stats;
};

DatabaseOptions options_for(const Scratch& scratch, const FaultVfs& vfs) {
  auto options = notes_options(scratch);
  options.readers = 1;
  options.vfs = vfs.name();
  options.wal.checkpoint_pages = 12;
  return options;
}

/// Forty units, in groups of four.
void work(Writer& writer, Run& run) {
  std::mutex mutex;
  for (std::int64_t group = 0; group < 10; ++group) {
    Gate gate;
    writer.submit([&gate](Tx&) { gate.pass(); }, [](const Result&) {});
    for (std::int64_t id = group * 4; id < group * 4 + 4; ++id) {
      const auto record = [&run, &mutex, id](const Result& result) {
        const std::lock_guard lock(mutex);
        run.results[id] = result;
      };
      const bool taken = writer.submit(
          [id](Tx& tx) {
            add_note(tx, id);
            if (id % 4 == 2) throw std::runtime_error("refused");
          },
          record);
      if (!taken) record({Outcome::not_applied, Failure::io, nullptr});
    }
    gate.open();
    writer.run([](Tx&) {});  // the group is done
  }
  writer.stop();
}

Run run_with(const Scratch& scratch, FaultVfs& vfs, Fault fault) {
  Run run;
  auto options = options_for(scratch, vfs);
  options.on_fatal = [&run](const Error&) { ++run.fatals; };
  SqliteDatabase database(std::move(options));
  vfs.arm(fault);
  work(database.writer(), run);
  run.stats = database.writer().stats();
  return run;
}

void require_truth(const Scratch& scratch, const FaultVfs& vfs, const Run& run) {
  REQUIRE(run.results.size() == 40);
  SqliteDatabase database(options_for(scratch, vfs));
  Connection connection({.path = scratch.database(), .read_only = true});
  REQUIRE(find_damage(connection, true) == "");
  Lease lease = database.read();
  for (const auto& [id, result] : run.results) {
    INFO("unit " << id);
    const bool present = has_note(lease.reader(), id);
    if (result.outcome == Outcome::applied) REQUIRE(present);
    if (result.outcome == Outcome::refused || result.outcome == Outcome::not_applied) REQUIRE_FALSE(present);
  }
}

/// For n = 1, 2, 3 … the nth operation of this kind fails, until a run is over before it.
void fail_every_step(FaultKind kind, bool sticky) {
  for (std::int64_t at = 1;; ++at) {
    INFO("operation " << at);
    REQUIRE(at < 1000);
    const Scratch scratch;
    FaultVfs vfs;
    const Run run = run_with(scratch, vfs, {kind, at, sticky});
    const bool reached = vfs.has_struck();
    vfs.arm({});
    require_truth(scratch, vfs, run);
    REQUIRE((run.stats.unknown > 0) == (run.fatals == 1));
    REQUIRE(run.stats.fatal == (run.fatals == 1));
    if (!reached) break;
  }
}

}  // namespace

TEST_CASE("whatever write fails, the answers are true") {
  for (const bool sticky : {false, true}) fail_every_step(FaultKind::write_error, sticky);
}

TEST_CASE("whatever write is cut short, the answers are true") {
  for (const bool sticky : {false, true}) fail_every_step(FaultKind::short_write, sticky);
}

TEST_CASE("whatever sync fails, the answers are true") {
  for (const bool sticky : {false, true}) fail_every_step(FaultKind::sync_error, sticky);
}

TEST_CASE("a full disk refuses units, stops nothing, and they pass again when there is room") {
  for (const bool sticky : {false, true}) fail_every_step(FaultKind::disk_full, sticky);
  const Scratch scratch;
  FaultVfs vfs;
  SqliteDatabase database(options_for(scratch, vfs));
  vfs.arm({FaultKind::disk_full, 1, true});
  const Result full = database.writer().run([](Tx& tx) { add_note(tx, 1); });
  CHECK(full.outcome == Outcome::not_applied);
  CHECK(full.failure == Failure::full);
  CHECK(count_notes(database.read().reader()) == 0);
  CHECK_FALSE(database.writer().stats().fatal);
  vfs.arm({});
  CHECK(database.writer().run([](Tx& tx) { add_note(tx, 1); }).outcome == Outcome::applied);
}

TEST_CASE("a failed sync of a COMMIT is neither yes nor no, and the writer writes nothing any more") {
  const Scratch scratch;
  FaultVfs vfs;
  int fatals = 0;
  Failure told = Failure::none;
  {
    auto options = options_for(scratch, vfs);
    options.on_fatal = [&](const Error& error) {
      ++fatals;
      told = error.failure;
    };
    SqliteDatabase database(std::move(options));
    database.writer().apply([](Tx& tx) { add_note(tx, 1); });
    vfs.arm({FaultKind::sync_error, 1, false});
    const Result doubt = database.writer().run([](Tx& tx) { add_note(tx, 2); });
    CHECK(doubt.outcome == Outcome::unknown);
    CHECK(doubt.failure == Failure::io);
    CHECK(database.writer().run([](Tx& tx) { add_note(tx, 3); }).outcome == Outcome::not_applied);
    database.writer().stop();
    CHECK(fatals == 1);
    CHECK(told == Failure::io);
  }
  // Here the write reached the file although its sync failed, so the restart brings it to life: that is why "no" would
  // have been a lie.
  SqliteDatabase database(options_for(scratch, vfs));
  Lease lease = database.read();
  CHECK(has_note(lease.reader(), 1));
  CHECK(has_note(lease.reader(), 2));
  CHECK_FALSE(has_note(lease.reader(), 3));
}
