// What a strategy lock is made of, as clients send and see it: parsing, merging, and the answer. Who may do what with a
// lock in which state is strategy_locks.cpp's.
#pragma once
#include "daemon/http/route.hpp"
#include "store/strategy_locks.hpp"

namespace nexus::strategy_locks {

/// The fields of one request. The outer optional says whether a field was sent, the inner one whether it was null.
struct LockFields {
  std::optional<std::string> scope, title;
  std::optional<std::vector<std::string>> allowed_actions;
  std::optional<std::optional<std::string>> surface, description, constraints, three_wise_id;
  std::optional<std::optional<Micros>> valid_from, valid_until;
  bool any = false;  // some field was sent, good or bad

  void apply_to(store::LockTerms& terms) const;
};

LockFields parse_lock_fields(http::Fields& body);

bool is_over(const store::LockTerms& terms, Micros now);
/// `draft`, `approved`, `rejected`, or `expired` once valid_until has come; rejected stays rejected.
std::string status_of(const store::StrategyLock& lock, Micros now);
Json lock_json(const store::StrategyLock& lock);
/// What of a lock decides over acts, for the audit row: no free text.
Json terms_details(const store::LockTerms& terms);

/// Of a request; with `all`, of a new lock, which needs the required ones.
Json lock_fields_schema(bool all);
Json lock_schema();

}  // namespace nexus::strategy_locks
