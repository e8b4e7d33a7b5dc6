// The third gate: somebody else has looked at the plan. An approved lock, valid now, of this surface or of none, must
// allow the action; a lock may hang on a three-wise question, whose verdict must then be APPROVE. One good lock
// suffices, whatever others wait for. Where no lock is in force for the surface, a strict env refuses and another lets
// pass. The locks' own routes stand before no gate, so that a lock can always be made.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "daemon/gates/decision.hpp"
#include "daemon/gates/known.hpp"

namespace nexus::gates {

/// A lock in force that allows the action, and what its question came to.
struct AllowingLock {
  std::string lock_id;
  std::optional<std::string> three_wise_id;
  std::optional<std::string_view> verdict;  // nothing: not three opinions yet
};

struct StrategyLockFacts {
  bool configured = false;             // some lock is in force for this surface
  std::vector<AllowingLock> allowing;  // in the order of asking
};

/// Begun and not over.
bool in_force(const store::ApprovedLock& lock, Micros now);
bool allows(const store::ApprovedLock& lock, std::string_view action);
GateAnswer judge_strategy_lock(const StrategyLockFacts& facts, const Question& question);
GateAnswer ask_strategy_lock(const Known& known, const Question& question);

}  // namespace nexus::gates
