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
