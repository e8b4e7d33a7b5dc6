// F10: backups one after the other while clients write. Each must hold all that was acknowledged before it began, and
// prove to be sound to a judge that shares no code with the daemon, and to the daemon's own.
#include <sqlite3.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "tests/catch.hpp"
#include "tests/faults/load.hpp"
#include "tests/support/client.hpp"

using namespace nexus::test;

namespace {

std::chrono::seconds duration() { return std::chrono::seconds(std::getenv("NEXUS_TEST_LONG") != nullptr ? 180 : 6); }

/// How many of these presigns the database in the directory lacks: all of them where it cannot be read.
std::size_t missing_in(const std::filesystem::path& directory, const std::vector<Acknowledged>& acknowledged) {
  sqlite3* base = nullptr;
  sqlite3_stmt* row = nullptr;
  std::size_t missing = acknowledged.size();
  if (sqlite3_open_v2((directory / "nexus.db").c_str(), &base, SQLITE_OPEN_READWRITE, nullptr) == SQLITE_OK &&
      sqlite3_prepare_v2(base, "SELECT count(*) FROM raw_assets WHERE asset_id = ?1", -1, &row, nullptr) == SQLITE_OK)
    for (const auto& one : acknowledged) {
      sqlite3_bind_text(row, 1, one.id.c_str(), -1, SQLITE_STATIC);
      if (sqlite3_step(row) == SQLITE_ROW && sqlite3_column_int(row, 0) == 1) --missing;
      sqlite3_reset(row);
    }
  sqlite3_finalize(row);
  sqlite3_close(base);
  return missing;
}

void fetch_backup(const DaemonProcess& daemon, const std::filesystem::path& file) {
  Client client(daemon.address());
  const Answer answer =
      client.request("POST", "/backup", {{"Authorization", "Bearer " + daemon.root_token()}, {"X-Reason", "a test"}});
  INFO(answer.error << answer.code());
  REQUIRE(answer.status == 200);
  std::ofstream(file, std::ios::binary) << answer.body;
}

void run(const std::string& command) {
  INFO(command);
  REQUIRE(std::system(command.c_str()) == 0);
}

}  // namespace

TEST_CASE("each backup under load holds what was acknowledged before it began, and proves to be sound") {
  const TemporaryDirectory directory;
  DaemonProcess daemon(loaded(directory.path() / "data"));
  Memory presigns{Kind::presign}, users{Kind::user};
  const Load load(daemon, {&presigns, &users}, 3);
  REQUIRE(presigns.wait_for(100));
  const auto end = std::chrono::steady_clock::now() + duration();
  int made = 0;
  std::size_t lacking = 0;
  for (; made < 3 || std::chrono::steady_clock::now() < end; ++made) {
    const auto before = presigns.acknowledged();
    const auto place = directory.path() / ("b" + std::to_string(made));
    std::filesystem::create_directories(place / "copied");
    // The control: a copy of the file alone, which may also be torn by a checkpoint.
    std::filesystem::copy_file(daemon.data_dir() / "nexus.db", place / "copied" / "nexus.db");
    lacking += missing_in(place / "copied", before);
    const auto file = place / "backup.tar";
    fetch_backup(daemon, file);
    run("tar -xf " + file.string() + " -C " + place.string());
    run(program("nexusd").string() + " --data-dir " + place.string() + "/none backup verify " + file.string() +
        " >/dev/null");
    CHECK(missing_in(place, before) == 0);
    CHECK(verify(place) == std::vector<std::string>{});
    std::filesystem::remove_all(place);
  }
  std::printf("%d backups under load\n", made);
  CHECK(lacking > 0);  // else this test could not tell a backup from a copy
  CHECK(presigns.complaints() == std::vector<std::string>{});
}
