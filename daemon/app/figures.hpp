// What /metrics tells of the installation as it is now: disk, database, audit log, lanes, readiness, build, process.
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/base/clock.hpp"
#include "daemon/http/fair_executor.hpp"
#include "daemon/system/routes.hpp"
#include "store/leadership.hpp"
#include "store/query.hpp"
#include "store/sqlite/database.hpp"

namespace nexus::app {

/// Of a store in a file.
struct FileFigures {
  std::filesystem::path database;
  store::WalStats log;
};

struct Figures {
  std::optional<FileFigures> file;  // nothing: the store is on a server
  std::uint64_t free_bytes = 0, reserve_bytes = 0;
  std::size_t connections_max = 0;
  Micros checkpoint_at = 0;  // 0: none since the start
  const store::Leadership* leadership = &store::sole_leadership();
  std::vector<std::pair<std::string_view, http::FairExecutor::Load>> lanes;
  std::vector<system::Check> checks;  // of /readyz
};

/// Nothing for null.
std::optional<FileFigures> file_figures(store::SqliteDatabase* file);

/// Prometheus text. Any thread; looks at files, and reads one row a chain of the audit log. Without a reader, what it
/// would read is left out.
std::string figures_text(const Figures& figures, const store::Reader* reader);

}  // namespace nexus::app
