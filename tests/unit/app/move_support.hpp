// A store that moves, for the tests of moves: an old data directory, an empty database, and what is in either.
#pragma once
#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include "daemon/app/installation.hpp"
#include "daemon/app/move.hpp"
#include "daemon/app/moved_store.hpp"
#include "store/postgres/catalogue.hpp"
#include "store/postgres/database.hpp"
#include "store/rows.hpp"
#include "tests/catch.hpp"
#include "tests/support/daemon_process.hpp"
#include "tests/support/old_installation.hpp"
#include "tests/support/postgres_server.hpp"

namespace nexus::test {

namespace fs = std::filesystem;

inline std::string new_move_database() {
  static PostgresServer server;
  static int made = 0;
  const std::string name = "move_" + std::to_string(++made);
  store::Link({.url = server.url()}).execute("CREATE DATABASE " + name);
  return server.url(name);
}

/// An old data directory, and an empty database.
struct Site {
  TemporaryDirectory directory;
  fs::path data = directory.path() / "data", back = directory.path() / "back";
  std::string address = new_move_database();
  app::StorePlace file{data / "nexus.db"}, returned{back / "nexus.db"};

  Site() {
    unpack_old_installation(directory.path());
    const app::Installation migrated({.data_dir = data, .may_found = false});
  }
  app::StorePlace server() const { return {data / "nexus.db", address}; }
  app::StorePlace server_of(const fs::path& dir) const { return {dir / "nexus.db", address}; }
  app::MoveOptions there() const { return {.from = file, .to = server()}; }
  app::MoveOptions back_again() const { return {.from = server_of(back), .to = returned}; }
  /// Runs a unit in the file, as a daemon that starts and stops.
  void change(const std::function<void(store::Tx&)>& unit) const {
    app::Installation installation({.data_dir = data});
    installation.database().writer().apply(unit);
  }
};

/// How many rows each table of the database has; none where it has no tables.
inline std::map<std::string, std::int64_t> counts_of(const std::string& address) {
  std::map<std::string, std::int64_t> counts;
  store::Link link({.url = address});
  store::PostgresSession session(link);
  const store::Reader reader(session);
  for (const store::Table& table : store::tables_of_server(reader))
    counts[table.name] = store::integer_of(reader.query("SELECT count(*) FROM " + table.name));
  return counts;
}

/// What a database has that holds no installation: the rows of migrations.
inline std::map<std::string, std::int64_t> counts_when_empty() {
  const std::string address = new_move_database();
  store::Link link({.url = address});
  store::migrate(link, store::postgres_migrations());
  return counts_of(address);
}

inline std::string said_by(const std::function<void()>& act) {
  try {
    act();
  } catch (const std::exception& error) {
    return error.what();
  }
  return {};
}

}  // namespace nexus::test
