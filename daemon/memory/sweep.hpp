// What deleted memory sessions leave behind, taken away bit by bit.
#pragma once
#include <functional>

#include "store/database.hpp"

namespace nexus::memory {

/// Removes the turns that deleted sessions still have, a few in each unit of the writer, until none is left or
/// `stopping` says so. On a thread that may block.
void sweep_deleted_sessions(store::Database& database, const std::function<bool()>& stopping);

}  // namespace nexus::memory
