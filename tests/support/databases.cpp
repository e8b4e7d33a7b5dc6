// The PostgreSQL of this process, and which of its databases belongs to which data directory.
#include "tests/support/databases.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <map>
#include <mutex>
#include <stdexcept>

#include "store/postgres/migrations.hpp"
#include "tests/support/postgres_server.hpp"

namespace nexus::test {
namespace {

namespace fs = std::filesystem;

/// A dozen connections for each daemon, of which a case may have several beside those that all cases share.
const std::vector<std::string> kSettings = {"max_connections=200", "max_wal_size=256MB"};

constexpr const char* kTemplate = "migrated";  // copied, which takes less time than to migrate each

class Databases {
 public:
  Databases() {
    execute("CREATE DATABASE " + std::string(kTemplate));
    store::Link link({.url = server_.url(kTemplate)});
    store::migrate(link, store::postgres_migrations());
    present = this;
  }
  ~Databases() { present = nullptr; }
  Databases(const Databases&) = delete;
  Databases& operator=(const Databases&) = delete;

  std::string of(const fs::path& data_dir) {
    const std::lock_guard lock(mutex_);
    if (data_dir.empty()) return server_.url(make());
    if (const auto found = elsewhere_.find(place_of(data_dir)); found != elsewhere_.end()) return found->second;
    std::string& name = names_[place_of(data_dir)];
    if (name.empty()) name = make();
    return server_.url(name);
  }

  void give(const std::string& address, const fs::path& data_dir) {
    const std::lock_guard lock(mutex_);
    for (int number = made_; number > 0; --number)
      if (const std::string name = name_of(number); server_.url(name) == address) {
        names_[place_of(data_dir)] = name;
        return;
      }
    elsewhere_[place_of(data_dir)] = address;
  }

  void drop_in(const fs::path& directory) {
    const std::lock_guard lock(mutex_);
    const fs::path top = place_of(directory);
    std::erase_if(names_, [&](const auto& entry) {
      const auto& [place, name] = entry;
      if (std::mismatch(top.begin(), top.end(), place.begin(), place.end()).first != top.end()) return false;
      if (!is_shared(name)) execute("DROP DATABASE " + name + " WITH (FORCE)");
      return true;
    });
  }

  /// The one of this process, while it lives. Directories that end after it, as its own, have no database.
  static inline std::atomic<Databases*> present = nullptr;

 private:
  static fs::path place_of(const fs::path& directory) { return fs::weakly_canonical(directory); }
  static std::string name_of(int number) { return "nexus_" + std::to_string(number); }

  bool is_shared(const std::string& database) const {
    return std::ranges::count_if(names_, [&](const auto& entry) { return entry.second == database; }) > 1;
  }
  std::string make() {
    const std::string name = name_of(made_ + 1);
    execute("CREATE DATABASE " + name + " TEMPLATE " + kTemplate);
    ++made_;
    return name;
  }
  void execute(const std::string& statement) { store::Link({.url = server_.url()}).execute(statement); }

  PostgresServer server_{kSettings};
  std::mutex mutex_;
  int made_ = 0;
  std::map<fs::path, std::string> names_;      // by data directory
  std::map<fs::path, std::string> elsewhere_;  // addresses on servers that a test itself started, likewise
};

Databases& databases() {
  static Databases all;
  return all;
}

}  // namespace

bool is_on_postgres() {
  const char* chosen = std::getenv("NEXUS_TEST_STORE");
  const std::string engine = chosen == nullptr ? "" : chosen;
  if (!engine.empty() && engine != "postgres" && engine != "sqlite")
    throw std::logic_error("NEXUS_TEST_STORE is neither postgres nor sqlite: " + engine);
  return engine == "postgres";
}

std::string database_of(const fs::path& data_dir) { return is_on_postgres() ? databases().of(data_dir) : ""; }

void give_database(const std::string& address, const fs::path& data_dir) {
  if (!address.empty()) databases().give(address, data_dir);
}

void drop_databases_in(const fs::path& directory) noexcept {
  try {
    if (Databases* all = Databases::present) all->drop_in(directory);
  } catch (const std::exception&) {
  }
}

}  // namespace nexus::test
