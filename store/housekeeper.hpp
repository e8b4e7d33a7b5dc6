// Removes what is past its time until nothing of it is left. A job knows one kind of it. The Housekeeper takes the jobs
// in turn, a step each, so that much of one kind does not delay the others, and adapts the rows of a job's steps to the
// time that a unit may take (store/pace.hpp). Of daemons that share a store, only the leader does anything.
//
// Refused: a fixed number of rows each minute. A tenant within its rate limit makes more than any such number.
//
// Threads: `run` blocks and needs a thread that may. Two Housekeepers may share a Pace and run at the same time.
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
  /// Told of a job that failed; it waits until somebody asks again.
  using Failed = std::function<void(std::string_view kind, const std::exception& error)>;

  /// Database and pace must outlive it. `helper` is for the calls of other servers that its jobs make.
  Housekeeper(Database& database, Pace& pace, std::vector<Job> jobs, Failed failed, Helper helper = {})
      : database_(database),
        pace_(pace),
        jobs_(std::move(jobs)),
        failed_(std::move(failed)),
        helper_(std::move(helper)) {}

  const std::vector<Job>& jobs() const { return jobs_; }
  /// Asks for a look at all jobs. Returns true where none runs: then run() is to be called. Else that one looks again,
  /// at the jobs too that had nothing left or failed. From any thread. Where the call of run() is lost, for want of
  /// memory, the next one who asks is told the same.
  bool ask() {
    ++asked_;
    return !runs_;
  }
  /// Runs until no job has anything left, and nobody asked again. Returns at once where another thread runs it.
  void run();

 private:
  struct Turn;
  int run_turns();
  void look(std::vector<Turn>& turns);
  bool has_work(const Job& job);
  bool step(Turn& turn);
  template <class Part>
  bool attempt(const Job& job, Part part);

  Database& database_;
  Pace& pace_;
  const std::vector<Job> jobs_;
  const Failed failed_;
  const Helper helper_;
  std::map<std::string_view, int> rows_;  // of each job's next step
  std::atomic<int> asked_{0};
  std::atomic<bool> runs_{false};
};

}  // namespace nexus::store
