// Promise 1: an acknowledged unit survives a power cut. Each seed runs units against the fault file system, cuts the
// power at a random operation, switches it on again with a random part of what was not synced, and looks for every
// acknowledged row. Two controls must lose rows (synchronous=NORMAL, and a disk that lies about syncs): if one loses
// none, this harness is blind and its pass means nothing. NEXUS_CRASH_SEEDS sets the count (long: 2000).
#include <cstdlib>
#include <set>

#include "fault_vfs.hpp"
#include "support.hpp"
#include "tests/catch.hpp"

using namespace nexus::store;
using namespace nexus::store::test;

namespace {

struct Setting {
  Synchronous synchronous = Synchronous::full;
  bool syncs_lie = false;
};

/// What clients were told before the lights went out.
struct Told {
  std::set<std::int64_t> applied;
  std::set<std::int64_t> refused;
};

struct Verdict {
  std::size_t acknowledged = 0;
  std::size_t lost = 0;
  bool refused_row_found = false;
  std::string damage;
};

std::uint64_t seeds() {
  const char* text = std::getenv("NEXUS_CRASH_SEEDS");
  return text == nullptr ? 300 : std::strtoull(text, nullptr, 10);
}

DatabaseOptions options_for(const Scratch& scratch, const FaultVfs& vfs, Synchronous synchronous) {
  auto options = notes_options(scratch);
  options.readers = 1;
  options.vfs = vfs.name();
  options.synchronous = synchronous;
  options.wal.checkpoint_pages = 12;  // several checkpoints in each run
  return options;
}

/// Sends units until the power is gone, mostly several at a time; every seventh throws.
Told work(Writer& writer, FaultVfs& vfs, std::mt19937_64& random) {
  Told told;
  std::mutex mutex;
  for (std::int64_t id = 1; id <= 150 && !vfs.has_struck(); ++id) {
    const bool throws = id % 7 == 0;
    const auto size = static_cast<std::size_t>(random() % 3000);
    const auto unit = [id, throws, size](Tx& tx) {
      tx.run("INSERT INTO notes(id, text) VALUES(?1, ?2)", id, std::to_string(id) + std::string(size, '.'));
      if (throws) throw std::runtime_error("refused");
    };
    if (random() % 3 == 0) {
      const Result result = writer.run(unit);
      const std::lock_guard lock(mutex);
      if (result.outcome == Outcome::applied) told.applied.insert(id);
      continue;
    }
    writer.submit(unit, [&told, &mutex, id](const Result& result) {
      const std::lock_guard lock(mutex);
      if (result.outcome == Outcome::applied) told.applied.insert(id);
      if (result.outcome == Outcome::refused) told.refused.insert(id);
    });
  }
  if (!vfs.has_struck()) vfs.cut_power();
  writer.stop();
  return told;
}

Verdict judge(const Scratch& scratch, const FaultVfs& vfs, const Told& told) {
  Verdict verdict;
  verdict.acknowledged = told.applied.size();
  try {
    SqliteDatabase database(options_for(scratch, vfs, Synchronous::full));
    Connection connection({.path = scratch.database(), .read_only = true});
    verdict.damage = find_damage(connection, true);
    Lease lease = database.read();
    for (const auto id : told.applied) verdict.lost += has_note(lease.reader(), id) ? 0 : 1;
    for (const auto id : told.refused) verdict.refused_row_found |= has_note(lease.reader(), id);
  } catch (const std::exception& error) {
    verdict.damage = error.what();
  }
  return verdict;
}

Verdict crash_once(std::uint64_t seed, Setting setting) {
  std::mt19937_64 random(seed);
  const Scratch scratch;
  FaultVfs vfs(setting.syncs_lie);
  Told told;
  {
    SqliteDatabase database(options_for(scratch, vfs, setting.synchronous));
    vfs.arm({FaultKind::power_cut, static_cast<std::int64_t>(1 + random() % 500), true});
    told = work(database.writer(), vfs, random);
  }
  vfs.power_on(random);
  return judge(scratch, vfs, told);
}

/// In how many of the seeds something that was acknowledged is gone or the file is damaged.
std::size_t seeds_with_loss(Setting setting) {
  std::size_t count = 0;
  for (std::uint64_t seed = 1; seed <= seeds(); ++seed) {
    const Verdict verdict = crash_once(seed, setting);
    if (verdict.lost > 0 || !verdict.damage.empty()) ++count;
  }
  return count;
}

}  // namespace

TEST_CASE("a power cut loses nothing that was acknowledged") {
  std::size_t acknowledged = 0;
  for (std::uint64_t seed = 1; seed <= seeds(); ++seed) {
    INFO("seed " << seed);
    const Verdict verdict = crash_once(seed, {});
    acknowledged += verdict.acknowledged;
    REQUIRE(verdict.damage == "");
    REQUIRE(verdict.lost == 0);
    REQUIRE_FALSE(verdict.refused_row_found);
  }
  CHECK(acknowledged > 20 * seeds());  // the cuts came late enough to mean something
}

TEST_CASE("control: synchronous=NORMAL loses acknowledged rows") {
  CHECK(seeds_with_loss({.synchronous = Synchronous::normal}) > 0);
}

TEST_CASE("control: a disk that lies about syncs loses acknowledged rows") {
  CHECK(seeds_with_loss({.syncs_lie = true}) > 0);
}

TEST_CASE("a power cut at any operation of the first start leaves all of the schema or none") {
  for (std::int64_t at = 1;; ++at) {
    INFO("operation " << at);
    REQUIRE(at < 200);
    std::mt19937_64 random(static_cast<std::uint64_t>(at));
    const Scratch scratch;
    FaultVfs vfs;
    vfs.arm({FaultKind::power_cut, at, true});
    try {
      SqliteDatabase database(options_for(scratch, vfs, Synchronous::full));
    } catch (const std::exception&) {
    }
    const bool reached = vfs.has_struck();
    vfs.cut_power();
    vfs.power_on(random);
    SqliteDatabase database(options_for(scratch, vfs, Synchronous::full));
    REQUIRE(count_notes(database.read().reader()) == 0);
    if (!reached) break;
  }
}
