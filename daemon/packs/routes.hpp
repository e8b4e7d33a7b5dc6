// Influence packs: what a search found at one moment, kept under an id, so that who was influenced by it can be shown.
#pragma once
#include "daemon/http/route.hpp"

namespace nexus::packs {

void add_pack_routes(http::RouteTable& routes);

}  // namespace nexus::packs
