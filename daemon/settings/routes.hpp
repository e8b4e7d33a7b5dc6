// Routes of settings: what a surface, its apps and its connectors are told to be. A document is a row of versions, each
// a card: PUT adds one, nothing is overwritten.
#pragma once
#include "daemon/http/route.hpp"

namespace nexus::settings {

void add_settings_routes(http::RouteTable& routes);

}  // namespace nexus::settings
