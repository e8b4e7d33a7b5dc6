// What the probes say of figures that no test can bring about by itself: a disk of any size, a backup of any age.
#include <algorithm>

#include "daemon/app/backup_record.hpp"
#include "daemon/app/doctor/probes.hpp"
#include "daemon/limits.hpp"
#include "tests/catch.hpp"
#include "tests/support/daemon_process.hpp"

using namespace nexus;
using namespace nexus::app;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;
using doctor::Findings;
using doctor::Severity;

namespace {

constexpr std::uint64_t kReserve = 64 * limits::MiB;
constexpr Micros kNow = 1'800'000'000'000'000;

/// `severity id` of the one finding.
std::string only(const Findings& findings) {
  REQUIRE(findings.all().size() == 1);
  const auto& finding = findings.all().front();
  const bool mends = !finding.remedy.empty();
  CHECK((mends || finding.severity < Severity::warning));
  return std::string(to_string(finding.severity)) + " " + finding.id;
}

std::string of_free_space(std::uint64_t bytes) {
  Findings findings;
  doctor::judge_free_space(bytes, kReserve, "/data", findings);
  return only(findings);
}

std::string of_backup(const BackupRecord& record) {
  const test::TemporaryDirectory directory;
  keep_backup_record(directory.path(), record);
  Findings findings;
  doctor::probe_backup(directory.path(), kNow, findings);
  return only(findings);
}

}  // namespace

TEST_CASE("a disk is full, below audit.reserve, or free", "[doctor]") {
  CHECK(of_free_space(0) == "error disk.full");
  CHECK(of_free_space(4096) == "error disk.full");
  CHECK(of_free_space(kReserve - 1) == "error disk.reserve");
  CHECK(of_free_space(kReserve) == "ok disk.free");
}

TEST_CASE("a server is judged by what it promises of a commit and by its clock", "[doctor][engine]") {
  const store::ServerStanding lone, waiting{.standby_names = "a", .standbys = 1}, left{.standby_names = "a"},
      unseen{.standby_names = "a", .standbys = std::nullopt};
  const auto judged = [](const store::ServerStanding& standing, bool require_sync = false) {
    Findings findings;
    doctor::judge_standing(standing, require_sync, findings);
    std::string all;
    for (const auto& finding : findings.all()) all.append(to_string(finding.severity)).append(" " + finding.id + ";");
    return all;
  };
  const std::string clock = "ok clock.server;";
  CHECK(judged(lone) == "note database.replication;" + clock);
  CHECK(judged(lone, true) == "error database.replication;" + clock);
  CHECK(judged(waiting, true) == "ok database.replication;" + clock);
  CHECK(judged(unseen, true) == "ok database.replication;" + clock);
  CHECK(judged(left) == "warning database.replication;" + clock);
  store::ServerStanding unsafe = waiting;
  unsafe.fsync = unsafe.full_page_writes = false;
  unsafe.clock_ahead = -std::chrono::seconds(1);
  CHECK(judged(unsafe) ==
        "ok database.replication;error database.fsync;error database.full_page_writes;warning clock.server;");
}

TEST_CASE("a server has places for all daemons that serve, or too few", "[doctor][engine]") {
  const auto of_places = [](std::int64_t places, std::int64_t daemons) {
    Findings findings;
    doctor::judge_places(places, daemons, findings);
    return only(findings) + ": " + findings.all().front().found;
  };
  CHECK_THAT(of_places(18, 0), StartsWith("error database.connections"));
  CHECK(of_places(19, 0) == "ok database.connections: has places for 19 connections, and a daemon takes up to 19");
  CHECK(of_places(56, 3) == "warning database.connections: has places for 56 connections, and 3 daemons take up to 57");
  CHECK_THAT(of_places(57, 3), StartsWith("ok database.connections"));
  CHECK_THAT(of_places(18, 3), StartsWith("error database.connections"));
}

TEST_CASE("daemons that serve are counted, and the one that leads is named", "[doctor][engine]") {
  using Daemons = std::vector<store::Daemon>;
  const store::Daemon one{.daemon_id = "1", .host = "a", .version = "2.0"},
      two{.daemon_id = "2", .host = "b", .version = "2.1"};
  const auto of_daemons = [](const Daemons& daemons, const std::optional<store::LeaseRow>& lease) {
    Findings findings;
    doctor::judge_daemons(daemons, lease, kNow, findings);
    return only(findings) + ": " + findings.all().front().found;
  };
  const store::LeaseRow lease{.daemon_id = "2", .term = 7, .until = kNow};
  CHECK(of_daemons({}, lease) == "note database.daemons: no daemon serves from it");
  CHECK(of_daemons({two}, lease) == "ok database.daemons: one daemon serves from it: b (2.1, leads)");
  CHECK(of_daemons({one, two}, lease) == "ok database.daemons: 2 daemons serve from it: b (2.1, leads), a (2.0)");
  store::LeaseRow over = lease;
  over.until = kNow - 1;
  const std::string leaderless = "warning database.daemons: 2 daemons serve from it: a (2.0), b (2.1); none leads";
  CHECK(of_daemons({one, two}, over) == leaderless);
  CHECK(of_daemons({one, two}, std::nullopt) == leaderless);
  CHECK_THAT(of_daemons({one}, lease), StartsWith("warning database.daemons"));  // its leader is silent
  CHECK_THAT(of_daemons(Daemons(9, one), std::nullopt), EndsWith("and 4 more; none leads"));
}

TEST_CASE("a backup counts from when it was verified, and a later failure counts more", "[doctor][backup]") {
  const BackupRecord made{.backup_id = "b", .made_at = kNow - 9 * kDay};
  BackupRecord record = made;
  CHECK(of_backup(record) == "warning backup.stale");
  record.verified_at = kNow - 7 * kDay;
  CHECK(of_backup(record) == "ok backup.verified");
  record.verified_at = kNow - 7 * kDay - kSecond;
  CHECK(of_backup(record) == "warning backup.stale");
  record.verified_at = kNow - kDay;
  record.failed_at = kNow - 2 * kDay;
  CHECK(of_backup(record) == "ok backup.verified");
  record.failed_at = kNow - kHour;
  CHECK(of_backup(record) == "error backup.unverifiable");
}

TEST_CASE("findings are at fault from a warning on, and what a probe throws is an error", "[doctor]") {
  Findings findings;
  findings.ok("a.b", "a", "well");
  findings.note("a.c", "a", "not examined");
  CHECK_FALSE(findings.found_fault());
  CHECK(findings.json().at("ok") == true);
  CHECK(findings.json().at("findings").at(1) ==
        Json{{"id", "a.c"}, {"severity", "note"}, {"found", "not examined"}, {"remedy", nullptr}});
  Findings thrown = findings;
  thrown.attempt("a.d", "a", "mend it", [] { throw std::runtime_error("broken"); });
  CHECK(thrown.found_fault());
  CHECK(thrown.json().at("findings").at(2) ==
        Json{{"id", "a.d"}, {"severity", "error"}, {"found", "broken"}, {"remedy", "mend it"}});
  findings.warning("a.e", "a", "low", "add some");
  CHECK(findings.found_fault());
}
