#include "daemon/gates/strategy_lock.hpp"

#include <algorithm>

#include "daemon/base/shell.hpp"
#include "daemon/gates/problems.hpp"

namespace nexus::gates {
namespace {

bool is_good(const AllowingLock& lock) { return !lock.three_wise_id || lock.verdict == "APPROVE"; }

/// The env of the lock. Acts in several envs, or without one, are judged in envs other than the caller's.
std::string env_of(const Question& question) {
  const Env env = question.scope().env;
  return question.caller.env_id == env ? std::string() : " --env " + std::string(to_string(env));
}

GateAnswer lock_required(const StrategyLockFacts& facts, const Question& question) {
  const std::string action(question.action);
  return block("strategy_lock", problems::strategy_lock_required,
               facts.configured ? "no approved strategy lock in force for this surface allows the action " + action
                                : "no approved strategy lock is in force for this surface, and this env asks for one",
               "nexusctl lock create TITLE --surface " + word_or(question.surface, "SURFACE") + " --allow " +
                   word_or(question.action, "ACTION") + env_of(question));
}

GateAnswer verdict_required(const AllowingLock& lock) {
  return block("strategy_lock", problems::three_wise_verdict_required,
               "the strategy lock " + lock.lock_id +
                   " allows the action once the three wise approve; their verdict is " +
                   std::string(lock.verdict.value_or("not there yet")),
               "nexusctl three-wise opine " + *lock.three_wise_id + " VERDICT WHY",
               {{"lock_id", lock.lock_id}, {"three_wise_id", *lock.three_wise_id}, {"verdict", or_null(lock.verdict)}});
}

constexpr std::int64_t kOpinionsNeeded = 3;

}  // namespace

std::optional<std::string_view> verdict_of(const store::Votes& votes) {
  if (votes.approvals + votes.rejections + votes.unsure < kOpinionsNeeded) return std::nullopt;
  if (votes.approvals > votes.rejections && votes.approvals >= votes.unsure) return "APPROVE";
  if (votes.rejections > votes.approvals && votes.rejections >= votes.unsure) return "REJECT";
  return "UNSURE";
}

bool in_force(const store::LockSpan& lock, std::string_view surface, Micros now) {
  const bool serves = lock.surface.empty() || lock.surface == surface;
  return serves && lock.valid_from.value_or(now) <= now && (!lock.valid_until || *lock.valid_until > now);
}

GateAnswer judge_strategy_lock(const StrategyLockFacts& facts, const Question& question) {
  if (!facts.configured && !question.strict) return {.gate = "strategy_lock", .verdict = Verdict::not_configured};
  if (facts.allowing.empty()) return lock_required(facts, question);
  const auto good = std::ranges::find_if(facts.allowing, is_good);
  if (good == facts.allowing.end()) return verdict_required(facts.allowing.front());
  return {.gate = "strategy_lock", .verdict = Verdict::pass, .input = {{"lock_id", good->lock_id}}};
}

GateAnswer ask_strategy_lock(const Known& known, const Question& question) {
  StrategyLockFacts facts;
  for (const auto& lock : known.locks(question.action, question.now)) {
    if (!in_force(lock, question.surface, question.now)) continue;
    AllowingLock allowing{lock.lock_id, lock.three_wise_id, {}};
    if (lock.three_wise_id) allowing.verdict = verdict_of(known.votes(*lock.three_wise_id));
    facts.allowing.push_back(std::move(allowing));
    if (is_good(facts.allowing.back())) break;  // one lock suffices
  }
  const auto serves = [&](const auto& lock) { return in_force(lock, question.surface, question.now); };
  facts.configured = !facts.allowing.empty() || std::ranges::any_of(known.lock_spans(question.now), serves);
  return judge_strategy_lock(facts, question);
}

}  // namespace nexus::gates
