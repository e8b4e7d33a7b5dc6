// What must be done although memory is short.
#pragma once
#include <chrono>
#include <new>
#include <thread>

namespace nexus {

/// Does what needs a few hundred bytes at most and must not be left out, such as waking whoever waits for an answer.
/// Where not even these are free, waits until others have given theirs back. `action` may be begun again.
template <class Action>
void insist(const Action& action) {
  while (true) {
    try {
      return action();
    } catch (const std::bad_alloc&) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
}

}  // namespace nexus
