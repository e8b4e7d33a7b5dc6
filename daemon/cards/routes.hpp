// Routes of cards: texts with a YAML header, immutable, listed by type. Settings are cards too, but are written by
// daemon/nexus/settings alone; search is daemon/nexus/search's.
#pragma once
#include "daemon/http/route.hpp"

namespace nexus::cards {

void add_card_routes(http::RouteTable& routes);

}  // namespace nexus::cards
