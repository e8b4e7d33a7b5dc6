#include "store/pace.hpp"

#include <algorithm>

namespace nexus::store {

Pace::Pace()
    : source_{[] { return Clock::now(); },
              [this](Clock::duration time) {
                std::unique_lock lock(mutex_);
                wake_.wait_for(lock, time, [this] { return stopped_.load(); });
              }} {}

bool Pace::wait() {
  while (!stopped_) {
    Clock::duration left{};
    {
      const std::lock_guard lock(mutex_);
      left = free_at_ - source_.now();
    }
    if (left <= Clock::duration::zero()) return true;
    source_.pause(left);
  }
  return false;
}

void Pace::charge(Clock::duration took) {
  const std::lock_guard lock(mutex_);
  free_at_ = std::max(free_at_, source_.now()) + kPauseFactor * took;
}

void Pace::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  wake_.notify_all();
}

void Stint::write(const Unit& unit) {
  if (!pace_.wait()) throw Stopped{};
  Pace::Clock::duration took{};
  const Result result = database_.writer().run([&](Tx& tx) {
    struct Measure {
      const Pace& pace;
      Pace::Clock::duration& took;
      const Pace::Clock::time_point begin = pace.now();
      ~Measure() { took = pace.now() - begin; }
    };
    const Measure measure{pace_, took};
    unit(tx);
  });
  pace_.charge(took);
  longest_ = std::max(longest_, took);
  if (result.outcome != Outcome::applied) std::rethrow_exception(result.error);
}

int next_rows(int rows, Pace::Clock::duration took, bool filled) {
  if (took > kUnitTime) return std::max(1, static_cast<int>(rows * Pace::Clock::duration(kUnitTime) / took));
  return filled && took < kUnitTime / 2 ? std::min(2 * rows, kStintRowsMax) : rows;
}

}  // namespace nexus::store
