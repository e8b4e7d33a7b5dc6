// How many threads and connections the daemon serves with, by its configuration.
#pragma once
#include "daemon/config/config.hpp"
#include "daemon/http/net/server.hpp"

namespace nexus::app {

/// Of the server that answers requests.
http::net::ServerOptions server_options(const Config& config);

}  // namespace nexus::app
