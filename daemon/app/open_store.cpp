#include "daemon/app/open_store.hpp"

#include <unistd.h>

#include <array>

#include "daemon/app/secret_file.hpp"
#include "daemon/base/uuid.hpp"
#include "daemon/config/shown.hpp"
#include "store/identity.hpp"
#include "store/postgres/serving_role.hpp"
#include "store/rows.hpp"
#include "store/sqlite/directory.hpp"

namespace nexus::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kReadersAtStart = 4;

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : "unknown";
}

/// Drawn anew at each start, because its term ends with it.
store::Serving this_daemon() { return {.daemon_id = uuid_v7(), .host = host_name(), .version = NEXUS_VERSION}; }

void look_at_file(const fs::path& file, const std::function<void(const store::Reader&)>& look) {
  if (!fs::exists(file)) return;
  const store::NoTrace trace(file);
  store::Connection connection({.path = file, .read_only = true});
  const store::Reader reader(connection);
  if (store::has_meta(reader)) look(reader);
}

void look_at_server(const StorePlace& place, const std::function<void(const store::Reader&)>& look) {
  store::Link link(link_of(place));
  store::PostgresSession session(link);
  session.begin(store::Isolation::snapshot);
  const store::Reader reader(session);
  store::require_reader(reader);
  const auto tables =
      store::integer_of(reader.query("SELECT count(*) FROM pg_class WHERE relname IN ('meta', 'schema_migrations') "
                                     "AND relnamespace = CAST(current_schema() AS regnamespace)"));
  if (tables == 2) look(reader);
  session.rollback();  // where `look` throws, the connection ends it
}

/// What a start reads on several threads must not fail for want of places, where the opening is tried again.
void connect_readers(store::PostgresDatabase& database) {
  std::vector<store::Lease> leases;
  for (std::size_t i = 0; i < kReadersAtStart; ++i) leases.push_back(database.read());
}

}  // namespace

std::string StorePlace::text() const { return is_file() ? file.string() : shown_value(address); }

StorePlace store_place(const Config& config, const fs::path& data_dir) {
  return {data_dir / "nexus.db", config.database, config.database_password_file};
}

store::LinkOptions link_of(const StorePlace& place) {
  if (!place.password_file.empty()) read_secret_text("database-password-file", place.password_file);  // judges it
  return {.url = place.address, .password_file = place.password_file};
}

OpenStore open_file_store(store::DatabaseOptions options) {
  auto database = std::make_unique<store::SqliteDatabase>(std::move(options));
  OpenStore opened{.database = nullptr,
                   .file = database.get(),
                   .server = nullptr,
                   .schema_before = database->migrated().version_before,
                   .schema_after = database->migrated().version_after,
                   .engine = "sqlite"};
  opened.database = std::move(database);
  return opened;
}

OpenStore open_server_store(const StorePlace& place, const ServerUse& use, std::function<void(store::Tx&)> on_open,
                            store::WriterLimits limits) {
  store::PostgresOptions options{.link = link_of(place),
                                 .on_open = std::move(on_open),
                                 .readers = kReadersOfDaemon,
                                 .lanes = kLanesOfDaemon,
                                 .require_sync = use.require_sync,
                                 .writer = std::move(limits)};
  options.alone = use.use == StoreUse::alone;
  if (use.use == StoreUse::serves) options.serving = this_daemon();
  auto database = std::make_unique<store::PostgresDatabase>(options);
  if (options.serving) connect_readers(*database);
  OpenStore opened{.database = nullptr,
                   .file = nullptr,
                   .server = database.get(),
                   .schema_before = database->migrated().version_before,
                   .schema_after = database->migrated().version_after,
                   .engine = server_text(database->read().reader())};
  opened.database = std::move(database);
  return opened;
}

store::MigrationReport prepare_server_store(const StorePlace& place, const std::string& role) {
  store::Link link(link_of(place));
  const store::MigrationReport report = store::migrate(link, store::postgres_migrations());
  store::grant_serving(link, role);
  return report;
}

void look_at_store(const StorePlace& place, const std::function<void(const store::Reader&)>& look) {
  place.is_file() ? look_at_file(place.file, look) : look_at_server(place, look);
}

std::string server_text(const store::Reader& reader) {
  return "postgresql, server " +
         store::first(reader.query("SELECT current_setting('server_version')"), store::only_text)
             .value_or("of an unknown version");
}

}  // namespace nexus::app
