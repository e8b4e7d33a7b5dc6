// What becomes of a unit that a writer runs, for the writers of both engines.
#pragma once
#include <new>

#include "store/work.hpp"

namespace nexus::store {

/// What became of `work`: applied, unless it throws.
template <class DoWork>
Result attempt(DoWork work) {
  try {
    work();
    return {};
  } catch (const Error& error) {
    const bool own_fault = error.failure == Failure::constraint;
    return {own_fault ? Outcome::refused : Outcome::not_applied, error.failure, std::current_exception()};
  } catch (const std::bad_alloc&) {
    return {Outcome::not_applied, Failure::no_memory, std::current_exception()};
  } catch (...) {
    return {Outcome::refused, Failure::none, std::current_exception()};
  }
}

/// The same failure, of something that is no unit's own fault.
inline Result not_applied(const Result& cause) {
  return {Outcome::not_applied, cause.failure == Failure::none ? Failure::other : cause.failure, cause.error};
}

}  // namespace nexus::store
