// What `nexusd migrate --from … --to …` asks for.
#pragma once
#include <string>

#include "daemon/app/move.hpp"
#include "daemon/config/resolve.hpp"

namespace nexus::app {

struct MoveRequest {
  std::string from, to;        // a data directory, or an address of PostgreSQL
  bool objects_moved = false;  // the operator brought the files to where the configuration says
  bool json = false;
};

/// The sources with both ends as the data directory and the database that they name: so the configuration is judged as
/// that of a daemon which serves from the one or the other. Throws ConfigError where a move cannot go between them.
ConfigSources move_sources(const MoveRequest& request, ConfigSources sources);

/// Of the configuration that these sources made.
MoveOptions move_options(const Config& config, const MoveRequest& request);

}  // namespace nexus::app
