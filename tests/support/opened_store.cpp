// Opens a store with the engine that it has.
#include "tests/support/opened_store.hpp"

#include <optional>

#include "store/postgres/session.hpp"
#include "store/rows.hpp"
#include "store/sqlite/connection.hpp"
#include "tests/support/databases.hpp"

namespace nexus::test {
namespace {

std::filesystem::path file_in(const std::filesystem::path& data_dir) { return data_dir / "nexus.db"; }

}  // namespace

class OpenedStore::Engine {
 public:
  virtual ~Engine() = default;
  virtual store::Session& session() = 0;
  virtual void change(const std::function<void(store::Tx&)>& unit) = 0;
  /// Answers the table and the column.
  virtual const char* columns_query() const = 0;
};

class OpenedStore::File final : public Engine {
 public:
  explicit File(std::filesystem::path file) : file_(std::move(file)) {}

  store::Session& session() override {
    if (!reading_) reading_.emplace(store::ConnectionOptions{.path = file_, .read_only = true});
    return *reading_;
  }
  void change(const std::function<void(store::Tx&)>& unit) override {
    reading_.reset();  // the last who closes the file takes its log into it, which a reader cannot
    store::Connection writing({.path = file_});
    writing.execute("BEGIN IMMEDIATE");
    store::Tx tx(writing);
    unit(tx);
    writing.execute("COMMIT");
  }
  const char* columns_query() const override {
    return "SELECT t.name, c.name FROM sqlite_schema AS t JOIN pragma_table_info(t.name) AS c WHERE t.type = 'table'";
  }

 private:
  std::filesystem::path file_;
  std::optional<store::Connection> reading_;
};

class OpenedStore::Server final : public Engine {
 public:
  explicit Server(const std::string& address) : link_({.url = address}) {}

  store::Session& session() override { return session_; }
  void change(const std::function<void(store::Tx&)>& unit) override {
    session_.begin(store::Isolation::read_committed);
    try {
      store::Tx tx(session_);
      unit(tx);
      session_.commit();
    } catch (...) {
      session_.rollback();
      throw;
    }
  }
  const char* columns_query() const override {
    return "SELECT table_name::text, column_name::text FROM information_schema.columns JOIN "
           "information_schema.tables USING (table_schema, table_name) "
           "WHERE table_schema = 'public' AND table_type = 'BASE TABLE'";
  }

 private:
  store::Link link_;
  store::PostgresSession session_{link_};
};

bool has_store(const std::filesystem::path& data_dir) {
  return std::filesystem::exists(is_on_postgres() ? data_dir : file_in(data_dir));
}

OpenedStore::OpenedStore(const std::filesystem::path& data_dir) {
  if (is_on_postgres())
    engine_ = std::make_unique<Server>(database_of(data_dir));
  else
    engine_ = std::make_unique<File>(file_in(data_dir));
}

OpenedStore::~OpenedStore() = default;

store::Reader OpenedStore::reader() const { return store::Reader(engine_->session()); }

void OpenedStore::change(const std::function<void(store::Tx&)>& unit) { engine_->change(unit); }

std::vector<StoreColumn> OpenedStore::columns() const {
  return store::all(reader().query(engine_->columns_query()), [](const store::Query& row) {
    return StoreColumn{row.text(0), row.text(1)};
  });
}

}  // namespace nexus::test
