// The terms of a strategy lock beside its row: those that wait in its draft, and how clients see both. Who may do what
// with a lock in which state is routes.cpp's.
#pragma once
#include "daemon/base/json.hpp"
#include "daemon/strategy_locks/lock.hpp"

namespace nexus::strategy_locks {

/// The terms of `lock` as they wait in the row of another.
std::string draft_text(const Lock& lock);
/// `lock`, under the terms that wait beside it where some do.
Lock with_draft(Lock lock);

bool is_over(const Lock& terms, Micros now);
/// `draft`, `approved`, `rejected`, or `expired` once valid_until has come; rejected stays rejected.
std::string status_of(const Lock& lock, Micros now);

Json lock_json(const Lock& lock);
Json lock_schema();
/// Of a POST, or of a PATCH.
Json terms_schema(bool whole);

}  // namespace nexus::strategy_locks
