// Removes what is past its time until nothing of it is left. A job knows one kind of it. The Housekeeper takes the jobs
// in turn, a step each, so that much of one kind does not delay the others, and adapts the rows of a job's steps to the
// time that a unit may take (store/pace.hpp).
//
// Refused: a fixed number of rows each minute. A tenant within its rate limit makes more than any such number.
//
// Threads: `run` blocks and needs a thread that may. Two of them may share a Pace and run at the same time.
#pragma once
#include <atomic>
#include <functional>
#include <map>
#include <string_view>
#include <vector>

#include "store/pace.hpp"

namespace nexus::store {

struct Job {
  std::string_view kind;  // its label in /metrics
  /// How many rows are past their time, or bytes; a bounded count. No step is made without any.
  std::function<std::int64_t(const Reader&)> waiting;
  /// Handles up to `rows()` of them. Returns whether more may wait.
  std::function<bool(Stint&)> step;
  bool in_bytes = false;  // what `waiting` counts
};

class Housekeeper {
 public:
  /// Told of a job that failed; it waits for the next round.
  using Failed = std::function<void(std::string_view kind, const std::exception& error)>;

  /// Database and pace must outlive it.
  Housekeeper(Database& database, Pace& pace, std::vector<Job> jobs, Failed failed)
      : database_(database), pace_(pace), jobs_(std::move(jobs)), failed_(std::move(failed)) {}

  const std::vector<Job>& jobs() const { return jobs_; }
  /// Runs a round, which ends when no job has anything left. A call while another one runs returns at once, and a
  /// further round follows.
  void run();

 private:
  struct Turn;
  void round();
  bool has_work(const Job& job);
  bool step(Turn& turn);
  template <class Part>
  bool attempt(const Job& job, Part part);

  Database& database_;
  Pace& pace_;
  const std::vector<Job> jobs_;
  const Failed failed_;
  std::map<std::string_view, int> rows_;  // of each job's next step
  std::atomic<int> asked_{0};
};

}  // namespace nexus::store
