#include "store/housekeeper.hpp"

#include <algorithm>
#include <memory>

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

// Whoever asks raises `asked_` before looking at `runs_`, and this lowers `runs_` before looking at `asked_` again: so
// one of them sees the other.
void Housekeeper::run() {
  int seen = 0;
  do {
    if (runs_.exchange(true)) return;
    const auto end = [this](void*) { runs_ = false; };
    const std::unique_ptr<void, decltype(end)> at_its_end(this, end);  // also where memory is short
    seen = run_turns();
  } while (asked_ != seen);
}

/// Returns which question it has answered.
int Housekeeper::run_turns() {
  std::vector<Turn> turns;
  int seen = asked_;
  look(turns);
  while (!turns.empty()) {
    for (Turn& turn : turns) turn.done = !step(turn);
    std::erase_if(turns, [](const Turn& turn) { return turn.done; });
    if (asked_ == seen) continue;
    seen = asked_;
    look(turns);
  }
  return seen;
}

/// Adds the jobs that have something to do now.
void Housekeeper::look(std::vector<Turn>& turns) {
  for (const Job& job : jobs_) {
    const bool takes_part = std::ranges::any_of(turns, [&](const Turn& turn) { return turn.job == &job; });
    if (!takes_part && has_work(job)) turns.push_back({&job});
  }
}

/// Returns what `part` says, and false where it fails, the daemon stops, or it does not lead.
template <class Part>
bool Housekeeper::attempt(const Job& job, Part part) {
  try {
    return !pace_.stopped() && database_.leadership().term() && part();
  } catch (const Stint::Stopped&) {
  } catch (const NotLeader&) {
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
