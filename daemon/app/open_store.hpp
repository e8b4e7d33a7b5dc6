// Where the store of an installation is, and how it is opened: the file of the data directory, or a database of
// PostgreSQL. Nothing else in nexusd chooses between the two engines.
#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "daemon/config/config.hpp"
#include "store/postgres/database.hpp"
#include "store/sqlite/database.hpp"

namespace nexus::app {

/// What one daemon takes of a server's places: its readers and lanes, its bell and its beat, and one more while it
/// starts. A reader for each I/O thread (server_options.cpp), and as many for the pools as a file has.
inline constexpr std::size_t kReadersOfDaemon = 12, kLanesOfDaemon = 4,
                             kConnectionsOfDaemon = kReadersOfDaemon + kLanesOfDaemon + 3;

struct StorePlace {
  std::filesystem::path file;  // nexus.db in the data directory
  std::string address = {};    // of PostgreSQL, maybe with a password; empty: the file is the store
  std::filesystem::path password_file = {};

  bool is_file() const { return address.empty(); }
  /// For people: the file, or the address without its password.
  std::string text() const;
};
StorePlace store_place(const Config& config, const std::filesystem::path& data_dir);

struct OpenStore {
  std::unique_ptr<store::Database> database;
  store::SqliteDatabase* file = nullptr;      // the same; null with PostgreSQL
  store::PostgresDatabase* server = nullptr;  // the same; null with a file
  int schema_before = 0, schema_after = 0;
  std::string engine = {};  // for people: `postgresql, server 15.18`

  /// Of a daemon that serves from a database on a server; else null.
  store::PostgresLeadership* beat() const { return server != nullptr ? server->beat() : nullptr; }
};

/// How a database on a server is reached. Throws ConfigError for a password file that others may read.
store::LinkOptions link_of(const StorePlace& place);

/// How a database on a server is used; the lock of the data directory makes every use of a file `alone`.
enum class StoreUse {
  beside,  // beside the daemons that serve from it
  serves,  // as one of them
  alone,   // while none of them does
};

struct ServerUse {
  StoreUse use = StoreUse::beside;
  bool require_sync = false;  // see store::PostgresOptions
};

/// Throws as SqliteDatabase does.
OpenStore open_file_store(store::DatabaseOptions options);
/// Throws ConfigError for a password file that others may read, else as PostgresDatabase does.
OpenStore open_server_store(const StorePlace& place, const ServerUse& use, std::function<void(store::Tx&)> on_open,
                            store::WriterLimits limits);

/// Migrates a database, and grants `role` what serving takes. Throws as store::migrate and store::grant_serving do.
store::MigrationReport prepare_server_store(const StorePlace& place, const std::string& role);

/// Calls `look` with a snapshot of the store, unless there is none yet. It neither makes nor migrates one, and leaves
/// no trace; of a file, the caller holds the directory's lock. Throws what opening throws, and what `look` throws.
void look_at_store(const StorePlace& place, const std::function<void(const store::Reader&)>& look);

/// The engine of a reader on PostgreSQL, for people.
std::string server_text(const store::Reader& reader);

}  // namespace nexus::app
