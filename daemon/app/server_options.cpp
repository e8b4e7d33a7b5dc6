#include "daemon/app/server_options.hpp"

#include "daemon/app/object_storage.hpp"
#include "daemon/app/process.hpp"

namespace nexus::app {
namespace {

/// An I/O thread waits for the answer to each short read: with a file it computes meanwhile, with PostgreSQL it sleeps
/// for a round trip. So more of them serve as many cores.
unsigned io_threads(const Config& config) { return config.uses_postgres() ? 8 : 2; }

}  // namespace

http::net::ServerOptions server_options(const Config& config) {
  return {.connections_max = connections_allowed(),
          .shutdown_grace = config.shutdown_grace,
          .threads = io_threads(config),
          .storage_threads = storage_threads(config)};
}

}  // namespace nexus::app
