#include "daemon/app/copy_before.hpp"

#include <fcntl.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "daemon/app/installation.hpp"
#include "daemon/base/file.hpp"
#include "store/identity.hpp"
#include "store/rows.hpp"
#include "store/sqlite/copying.hpp"
#include "store/sqlite/migrations.hpp"

namespace nexus::app {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "nexus.db.before-";
constexpr std::uintmax_t kMarginBytes = 16u << 20;  // the migration itself needs some

/// The number of the first pending migration if one of the pending rewrites rows; else 0.
int first_rewriting(store::Connection& connection) {
  const auto migrations = store::embedded_migrations();
  store::require_known_schema(connection, migrations);
  const store::Reader reader(connection);
  const auto version = static_cast<std::size_t>(store::integer_of(reader.query("PRAGMA user_version")));
  if (version == 0) return 0;
  const auto pending = migrations.subspan(version);
  const bool rewrites =
      std::ranges::any_of(pending, [](const auto& migration) { return store::rewrites_rows(migration.sql); });
  return rewrites ? pending.front().version : 0;
}

std::uintmax_t bytes_of(const fs::path& database) {
  std::error_code absent;
  const auto log = fs::file_size(database.string() + "-wal", absent);
  return fs::file_size(database) + (absent ? 0 : log);
}

void require_space(const fs::path& database, std::uintmax_t free_bytes) {
  const std::uintmax_t wanted = bytes_of(database) + kMarginBytes;
  if (free_bytes >= wanted) return;
  throw std::runtime_error("this version rewrites rows of " + database.string() +
                           ", and there is no space for a copy: " + std::to_string(wanted >> 20) + " MiB are needed, " +
                           std::to_string(free_bytes >> 20) +
                           " MiB are free: make room, or say --no-copy after a backup");
}

/// The copy has all of the log, so it is not in use any more.
void close_copy(const fs::path& copy) {
  store::Connection connection({.path = copy});
  store::Tx tx(connection);
  if (is_left_in_use(tx)) store::put_meta(tx, kInUse, "");
}

void remove_older(const fs::path& data_dir, const fs::path& newest) {
  std::vector<fs::path> older;
  for (const auto& each : fs::directory_iterator(data_dir))
    if (each.path().filename().string().starts_with(kPrefix) && each.path() != newest) older.push_back(each.path());
  for (const auto& file : older) fs::remove(file);
}

}  // namespace

fs::path copy_before_migration(const fs::path& data_dir, std::uintmax_t free_bytes) {
  const fs::path database = data_dir / "nexus.db", begun = data_dir / "nexus.db.copying";
  if (!fs::exists(database)) return {};
  fs::path copy;
  {
    const store::NoTrace trace(database);
    store::Connection connection({.path = database, .read_only = true});
    const int first = first_rewriting(connection);
    if (first == 0) return {};
    require_space(database, free_bytes);
    const std::string number = std::to_string(first);
    copy = data_dir / (std::string(kPrefix) + std::string(4 - std::min<std::size_t>(4, number.size()), '0') + number);
    store::copy_database(connection, begun);
    if (trace.had_log()) close_copy(begun);
  }
  sync_file(open_file(begun, O_RDONLY).get());
  fs::rename(begun, copy);
  sync_directory(data_dir);
  remove_older(data_dir, copy);
  return copy;
}

}  // namespace nexus::app
