// The terms of a strategy lock apart from its row: those that wait in its draft, and how clients see both. routes.cpp
// decides who may do what with a lock in which state.
#pragma once
#include "daemon/base/json.hpp"
#include "daemon/strategy_locks/lock.hpp"

namespace nexus::strategy_locks {

/// The terms of `lock` as the draft of another row holds them.
std::string draft_text(const Lock& lock);
/// `lock` with the terms of its draft, where it has one.
Lock with_draft(Lock lock);

bool is_over(const Lock& terms, Micros now);
/// `draft`, `approved`, `rejected`, or `expired` once valid_until has passed; rejected stays rejected.
std::string status_of(const Lock& lock, Micros now);

Json lock_json(const Lock& lock);
Json lock_schema();
/// For a POST (`whole`), or for a PATCH.
Json terms_schema(bool whole);

}  // namespace nexus::strategy_locks
