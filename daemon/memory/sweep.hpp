// Removes the turns of deleted memory sessions step by step.
#pragma once
#include <functional>

#include "store/database.hpp"

namespace nexus::memory {

/// Removes the turns that deleted sessions still have, a few in each unit of the writer, until none is left or
/// `stopping` returns true. Call it on a thread that may block.
void sweep_deleted_sessions(store::Database& database, const std::function<bool()>& stopping);

}  // namespace nexus::memory
