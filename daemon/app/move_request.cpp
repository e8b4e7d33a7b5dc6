#include "daemon/app/move_request.hpp"

#include "daemon/base/database_address.hpp"

namespace nexus::app {
namespace {

void require_end(const std::string& name, const std::string& end) {
  if (end.empty()) throw ConfigError(name, "command line", "is missing: a move has two ends", "give --from and --to");
  const auto scheme = end.find("://");
  const bool is_url = (scheme != std::string::npos && end.find('/') == scheme + 1) || end.starts_with("sqlite:");
  if (is_url && !is_postgres_address(end))
    throw ConfigError(name, "command line",
                      "is an address of " + end.substr(0, end.find(':')) + ", and no store is there",
                      "an end is a data directory, by its path, or postgresql://HOST/NAME, or service=NAME");
  if (is_postgres_address(end) && holds_password(end))
    throw ConfigError(name, "--" + name, "holds a password, which everybody sees in the list of processes",
                      "leave it out: --database-password-file, ~/.pgpass, PGPASSFILE or a service file may hold it");
}

}  // namespace

ConfigSources move_sources(const MoveRequest& request, ConfigSources sources) {
  require_end("from", request.from);
  require_end("to", request.to);
  const bool from_server = is_postgres_address(request.from);
  if (from_server == is_postgres_address(request.to))
    throw ConfigError("to", "command line", "is of the same kind as --from",
                      "a move goes from a data directory to postgresql://HOST/NAME or service=NAME, or back");
  for (const char* name : {"data-dir", "database", "ephemeral"})
    if (sources.flags.contains(name))
      throw ConfigError(name, "command line", "has no use beside --from and --to, which name both ends",
                        "leave it out");
  sources.flags.emplace("data-dir", from_server ? request.to : request.from);
  sources.flags.emplace("database", from_server ? request.from : request.to);
  return sources;
}

MoveOptions move_options(const Config& config, const MoveRequest& request) {
  const StorePlace file{config.data_dir / "nexus.db"};
  const StorePlace server = store_place(config, config.data_dir);
  const bool from_server = is_postgres_address(request.from);
  MoveOptions options{.from = from_server ? server : file, .to = from_server ? file : server};
  options.config = config;
  options.objects_moved = request.objects_moved;
  return options;
}

}  // namespace nexus::app
