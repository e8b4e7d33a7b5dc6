#include "daemon/app/move_end.hpp"

#include "daemon/app/installation.hpp"
#include "daemon/app/moved_store.hpp"
#include "daemon/app/swap.hpp"
#include "daemon/config/resolve.hpp"
#include "store/identity.hpp"
#include "store/postgres/catalogue.hpp"
#include "store/postgres/migrations.hpp"
#include "store/postgres/row_stream.hpp"
#include "store/postgres/service_lock.hpp"
#include "store/rows.hpp"
#include "store/sqlite/catalogue.hpp"
#include "store/sqlite/directory.hpp"
#include "store/sqlite/migrations.hpp"

namespace nexus::app {
namespace {

namespace fs = std::filesystem;

class FileEnd final : public MoveEnd {
 public:
  explicit FileEnd(const fs::path& file) : directory_(file.parent_path()), connection_({.path = file}) {
    store::migrate(connection_, store::embedded_migrations());
  }

  void begin(bool writes) override { connection_.execute(writes ? "BEGIN IMMEDIATE" : "BEGIN"); }
  void commit() override { connection_.execute("COMMIT"); }
  void roll_back() noexcept override { connection_.rollback(); }
  store::Tx& tx() override { return tx_; }
  std::vector<store::Table> tables() override { return store::tables_of_file(tx_); }
  void scan(const store::MovedTable& table, const std::function<void(store::OwnedRow)>& take) override {
    store::Query rows = tx_.query(table.select());
    while (rows.next()) take(store::read_row(rows, table));
  }
  /// SQLite runs a statement without a round trip.
  std::size_t rows_per_statement(std::size_t) const override { return 1; }

 private:
  const store::DataDirectory directory_;
  store::Connection connection_;  // its end takes the log into the file
  store::Tx tx_{connection_};
};

/// A move has the database for itself, and takes its time.
store::LinkOptions patient(store::LinkOptions options) {
  options.idle_in_transaction = std::chrono::milliseconds(0);  // no limit
  options.lock_wait = std::chrono::seconds(12);                // as a daemon that starts
  options.patience = std::chrono::hours(1);
  return options;
}

class ServerEnd final : public MoveEnd {
 public:
  explicit ServerEnd(const StorePlace& place) : held_(patient(link_of(place)), store::Service::alone) {
    store::migrate(held_.link(), store::postgres_migrations());
  }
  ~ServerEnd() override { session_.rollback(); }

  void begin(bool writes) override {
    session_.begin(writes ? store::Isolation::read_committed : store::Isolation::snapshot);
  }
  void commit() override {
    if (session_.commit() == store::Committed::here_alone)
      throw store::Error(store::Failure::other,
                         "a wait for a standby was cancelled: look whether it has what was moved");
  }
  void roll_back() noexcept override { session_.rollback(); }
  store::Tx& tx() override { return tx_; }
  std::vector<store::Table> tables() override { return store::tables_of_server(tx_); }
  void scan(const store::MovedTable& table, const std::function<void(store::OwnedRow)>& take) override {
    store::stream_rows(session_, "move_" + table.name, table.select(), [&](const store::Query& query) {
      store::OwnedRow row = store::read_row(query, table);
      const std::size_t bytes = store::bytes_of(row);
      take(std::move(row));
      return bytes;
    });
  }
  std::size_t rows_per_statement(std::size_t columns) const override {
    constexpr std::size_t arguments = 3000;
    return std::max<std::size_t>(1, arguments / columns);
  }
  void tell_planner() override {
    for (const store::Table& table : tables()) tx_.run("ANALYZE " + table.name);
    session_.flush();
  }

 private:
  // The session that works holds the lock: who loses the one has lost the other.
  store::ServiceLock held_;
  store::PostgresSession session_{held_.link()};
  store::Tx tx_{session_};
};

std::unique_ptr<MoveEnd> open_end(const StorePlace& place) {
  if (place.is_file()) return std::make_unique<FileEnd>(place.file);
  return std::make_unique<ServerEnd>(place);
}

std::string end_name(const StorePlace& place) {
  return place.is_file() ? place.file.parent_path().string() : place.text();
}

/// Its name on the server, which the address may leave to libpq.
std::string name_of_database(const StorePlace& place) {
  std::string name;
  look_at_store(place, [&](const store::Reader& reader) {
    name = store::first(reader.query("SELECT CAST(current_database() AS text)"), store::only_text).value_or("");
  });
  return name;
}

void require_vacant(const StorePlace& place) {
  if (!look_for_meta(place, kInstance)) return;
  throw ConfigError("to", "command line", "is " + end_name(place) + ", which holds an installation",
                    place.is_file() ? "name another directory, or move its nexus.db away"
                                    : "name another database, or drop the database " + name_of_database(place) +
                                          " and create it anew");
}

/// A source in the words of a move. `is_there`: something that may be an installation.
void require_source(const StorePlace& place, bool is_there) {
  if (!is_there)
    throw ConfigError("from", "command line", "is " + end_name(place) + ", where no installation is",
                      "name the one you mean with --from");
  if (const auto moved_to = look_for_meta(place, kMovedTo)) refuse_moved_source(place, *moved_to);
}

}  // namespace

void refuse_moved_source(const StorePlace& place, const std::string& moved_to) {
  throw ConfigError("from", "command line", "is " + end_name(place) + ", whose store was moved to " + moved_to,
                    "name that one with --from, or leave it where it is");
}

std::unique_ptr<MoveEnd> open_move_source(const StorePlace& place, bool copies) {
  if (place.is_file()) {
    require_source(place, fs::exists(place.file) || is_swap_cut(place.file.parent_path()));
    // Opened and closed once as by any command, so that all is done that a start would do.
    const Installation installation({.data_dir = place.file.parent_path(), .may_found = false, .copies = copies});
  } else {
    require_source(place, look_for_meta(place, kInstance).has_value());
  }
  return open_end(place);
}

std::unique_ptr<MoveEnd> open_copied_source(const StorePlace& place) { return open_end(place); }

std::unique_ptr<MoveEnd> open_move_target(const StorePlace& place) {
  const fs::path directory = place.file.parent_path();
  if (place.is_file() && is_swap_cut(directory))
    throw std::runtime_error("a restore was cut in " + directory.string() + ": start nexusd, which completes it");
  require_vacant(place);
  return open_end(place);
}

}  // namespace nexus::app
