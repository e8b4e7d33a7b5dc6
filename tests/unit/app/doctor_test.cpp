// What the probes say of figures that no test can bring about by itself: a disk of any size, a backup of any age.
#include <algorithm>

#include "daemon/app/backup_record.hpp"
#include "daemon/app/doctor/probes.hpp"
#include "daemon/limits.hpp"
#include "tests/catch.hpp"
#include "tests/support/daemon_process.hpp"

using namespace nexus;
using namespace nexus::app;
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

TEST_CASE("a server is judged by what it promises of a commit, by its clock and by its places", "[doctor][engine]") {
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
  const auto of_places = [](std::int64_t places) {
    Findings findings;
    doctor::judge_places(places, findings);
    return only(findings);
  };
  CHECK(of_places(18) == "error database.connections");
  CHECK(of_places(19) == "ok database.connections");
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
