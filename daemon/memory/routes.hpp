// Memory: sessions of turns, each its owner's, or shared in its tenant and env.
#pragma once
#include "daemon/http/route.hpp"
#include "store/database.hpp"

namespace nexus::memory {

void add_memory_routes(http::RouteTable& routes);

/// Removes the turns that deleted sessions still have, a few in each unit of the writer, until none is left or
/// `stopping` says so. On a thread that may block.
void sweep_deleted_sessions(store::Database& database, const std::function<bool()>& stopping);

}  // namespace nexus::memory
