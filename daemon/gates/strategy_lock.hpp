// The third gate: a second person must have approved the plan. An approved lock that is valid now, of this surface or
// of none, must allow the action. A lock may depend on a three-wise question, whose verdict must then be APPROVE. One
// such lock suffices, whatever other locks wait for. Where no lock is in force for the surface, a strict env refuses
// and another lets pass. The locks' own routes are not gated, so that a lock can always be made.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "daemon/gates/decision.hpp"
#include "daemon/gates/known.hpp"

namespace nexus::gates {

/// The verdict of the opinions on a three-wise question: APPROVE, REJECT or UNSURE; nothing with fewer than three
/// opinions. Every opinion counts, also those after the third, so a verdict can still change. An approval that depends
/// on it changes with it.
std::optional<std::string_view> verdict_of(const store::Votes& votes);

/// A lock in force that allows the action, and the verdict of its question.
struct AllowingLock {
  std::string lock_id;
  std::optional<std::string> three_wise_id;
  std::optional<std::string_view> verdict;  // nothing: fewer than three opinions
};

struct StrategyLockFacts {
  bool configured = false;  // some lock is in force for this surface
  std::vector<AllowingLock> allowing;
};

/// Whether the lock serves the surface, has begun and has not ended.
bool in_force(const store::LockSpan& lock, std::string_view surface, Micros now);
GateAnswer judge_strategy_lock(const StrategyLockFacts& facts, const Question& question);
GateAnswer ask_strategy_lock(const Known& known, const Question& question);

}  // namespace nexus::gates
