// The record of the last verified backup: what is kept is found again, and what is no record is said to be none.
#include "daemon/app/backup_record.hpp"

#include <sys/stat.h>

#include "daemon/base/file.hpp"
#include "tests/catch.hpp"
#include "tests/support/daemon_process.hpp"

using namespace nexus;
using app::BackupRecord;

namespace {

constexpr Micros kMade = 1'700'000'000'000'000;

std::string fault_of(const std::filesystem::path& directory, const std::string& content) {
  replace_file(app::backup_record_file(directory), content);
  try {
    app::find_backup_record(directory);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("where no backup was verified, there is no record", "[backup]") {
  const test::TemporaryDirectory directory;
  CHECK(app::find_backup_record(directory.path()) == std::nullopt);
}

TEST_CASE("a record of a backup is kept as it is, and closed to others", "[backup]") {
  const test::TemporaryDirectory directory;
  const BackupRecord good{.backup_id = "b1", .made_at = kMade, .verified_at = kMade + kHour};
  const BackupRecord bad{.backup_id = "b2",
                         .made_at = kMade + kDay,
                         .verified_at = kMade + kHour,
                         .failed_at = kMade + 2 * kDay,
                         .failure = "a blob is \"missing\""};
  for (const auto& record : {good, bad}) {
    app::keep_backup_record(directory.path(), record);
    CHECK(app::find_backup_record(directory.path()) == record);
  }
  struct stat status {};
  REQUIRE(::stat(app::backup_record_file(directory.path()).c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
}

TEST_CASE("a file that is no record of a backup is refused by name", "[backup]") {
  const test::TemporaryDirectory directory;
  for (const char* content :
       {"", "[]", "{\"backup_id\":\"b1\"", "{\"backup_id\":\"b1\"}",
        "{\"backup_id\":1,\"made_at\":\"2026-01-01T00:00:00Z\"}", "{\"backup_id\":\"b1\",\"made_at\":\"yesterday\"}"}) {
    CAPTURE(content);
    CHECK(fault_of(directory.path(), content).find("backup.json is no record of a backup") != std::string::npos);
  }
  CHECK(fault_of(directory.path(), "{\"backup_id\":\"b1\",\"made_at\":\"2026-01-01T00:00:00Z\",\"failure\":null}")
            .empty());
}
