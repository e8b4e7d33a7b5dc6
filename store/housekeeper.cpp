#include "store/housekeeper.hpp"

#include <algorithm>

namespace nexus::store {
namespace {

constexpr int kFirstRows = 50;     // of a job's first step
constexpr int kFailuresMax = 100;  // of a job in a round: the rest waits until somebody asks again

}  // namespace

struct Housekeeper::Turn {
  const Job* job;
  int failures = 0;
  bool done = false;
};

void Housekeeper::run() {
  std::vector<Turn> turns;
  for (int seen = 0;;) {
    if (asked_ != seen) {
      seen = asked_;
      look(turns);
    }
    for (Turn& turn : turns) turn.done = !step(turn);
    std::erase_if(turns, [](const Turn& turn) { return turn.done; });
    int asked = seen;
    if (turns.empty() && asked_.compare_exchange_strong(asked, 0)) return;
  }
}

/// Adds the jobs that have something to do now.
void Housekeeper::look(std::vector<Turn>& turns) {
  for (const Job& job : jobs_) {
    const bool takes_part = std::ranges::any_of(turns, [&](const Turn& turn) { return turn.job == &job; });
    if (!takes_part && has_work(job)) turns.push_back({&job});
  }
}

/// Returns what `part` says, and false where it fails or the daemon stops.
template <class Part>
bool Housekeeper::attempt(const Job& job, Part part) {
  try {
    return !pace_.stopped() && part();
  } catch (const Stint::Stopped&) {
  } catch (const std::exception& error) {
    if (!pace_.stopped()) failed_(job.kind, error);
  }
  return false;
}

bool Housekeeper::has_work(const Job& job) {
  return attempt(job, [&] { return job.waiting(database_.read().reader()) > 0; });
}

// Returns whether the job has more to do in this round.
bool Housekeeper::step(Turn& turn) {
  return attempt(*turn.job, [&] {
    int& rows = rows_.try_emplace(turn.job->kind, kFirstRows).first->second;
    Stint stint(database_, pace_, rows, turn.failures, helper_);
    const bool more = turn.job->step(stint);
    rows = next_rows(rows, stint.longest(), stint.filled());
    turn.failures = stint.failures();
    return more && turn.failures < kFailuresMax;
  });
}

}  // namespace nexus::store
