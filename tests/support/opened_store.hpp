// The store of an installation as a test sees it, beside its daemon or after it, whichever engine it has.
#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "store/query.hpp"

namespace nexus::test {

/// Whether the installation has a store. With PostgreSQL it has one as long as its directory.
bool has_store(const std::filesystem::path& data_dir);

struct StoreColumn {
  std::string table, name;
};

/// Threads: one at a time. Errors: those of store/query.hpp, and where there is no store.
class OpenedStore {
 public:
  explicit OpenedStore(const std::filesystem::path& data_dir);
  ~OpenedStore();
  OpenedStore(const OpenedStore&) = delete;
  OpenedStore& operator=(const OpenedStore&) = delete;

  /// Each of its statements sees what is committed when it begins.
  store::Reader reader() const;
  /// Runs the unit in a transaction of its own. Ends what was read, whose rows must not be used any more.
  void change(const std::function<void(store::Tx&)>& unit);
  /// Of all tables, those of SQLite's full-text index too.
  std::vector<StoreColumn> columns() const;

 private:
  class Engine;
  class File;
  class Server;
  std::unique_ptr<Engine> engine_;
};

}  // namespace nexus::test
