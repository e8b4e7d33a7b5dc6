#include "store/pace.hpp"

#include <algorithm>
#include <memory>
#include <new>

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

namespace {

/// Numbers that several threads take, one after another.
class Numbers {
 public:
  Numbers(std::size_t count, const std::function<void(std::size_t)>& work) : count_(count), work_(work) {}

  /// Whoever comes when all are taken calls nothing.
  void work() {
    for (std::size_t number = next_++; number < count_; number = next_++) {
      std::exception_ptr error;
      try {
        work_(number);
      } catch (...) {
        error = std::current_exception();
      }
      const std::lock_guard lock(mutex_);
      if (error) error_ = error;
      if (++done_ == count_) all_done_.notify_all();
    }
  }

  void wait() {
    std::unique_lock lock(mutex_);
    all_done_.wait(lock, [this] { return done_ == count_; });
    if (error_) std::rethrow_exception(error_);
  }

 private:
  const std::size_t count_;
  const std::function<void(std::size_t)> work_;
  std::atomic<std::size_t> next_{0};
  std::mutex mutex_;
  std::condition_variable all_done_;
  std::size_t done_ = 0;
  std::exception_ptr error_;
};

}  // namespace

void Stint::each(std::size_t count, const std::function<void(std::size_t)>& work) {
  const auto numbers = std::make_shared<Numbers>(count, work);
  try {
    if (helper_)
      for (std::size_t i = 1; i < std::min(count, kCallsAtOnce); ++i) helper_([numbers] { numbers->work(); });
  } catch (const std::bad_alloc&) {
    // Fewer help. Those that do must end before `work` does, which they refer to.
  }
  numbers->work();
  numbers->wait();
}

void Stint::write(const Unit& unit, Realms realms) {
  if (!pace_.wait()) throw Stopped{};
  Pace::Clock::duration took{};
  Unit measured = [&](Tx& tx) {
    struct Measure {
      const Pace& pace;
      Pace::Clock::duration& took;
      const Pace::Clock::time_point begin = pace.now();
      ~Measure() { took = pace.now() - begin; }
    };
    const Measure measure{pace_, took};
    unit(tx);
    for (const auto& left : tx.take_left()) left.work(tx);  // here, where it is measured
  };
  Unit fenced = as_leader(database_.leadership(), term_, std::move(measured));
  const Result result = database_.writer().run(std::move(fenced), std::move(realms.charged_to("")));
  pace_.charge(took);
  longest_ = std::max(longest_, took);
  if (result.outcome != Outcome::applied) std::rethrow_exception(result.error);
}

int next_rows(int rows, Pace::Clock::duration took, bool filled) {
  if (took > kUnitTime) return std::max(1, static_cast<int>(rows * Pace::Clock::duration(kUnitTime) / took));
  return filled && took < kUnitTime / 2 ? std::min(2 * rows, kStintRowsMax) : rows;
}

}  // namespace nexus::store
