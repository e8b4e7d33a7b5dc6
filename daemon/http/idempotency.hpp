// Repeats of a request under one Idempotency-Key: whose the key is, while its first request runs; what is kept of the
// first answer, in the transaction of the change; and how a repeat is answered, without the writer.
//
// Threads: any.
#pragma once
#include <mutex>
#include <set>
#include <string>

#include "daemon/http/admission.hpp"
#include "daemon/http/bounded_executor.hpp"
#include "daemon/http/write_run.hpp"

namespace nexus::http {

class Idempotency {
 public:
  /// All must outlive it. Answers that are made anew are made on `long_reads`.
  Idempotency(store::Database& database, const Admission& admission, const GateQuestions& questions, Answers& answers,
              BoundedExecutor& long_reads)
      : database_(database), admission_(admission), questions_(questions), answers_(answers), long_reads_(long_reads) {}

  /// Reads the key of a POST into the run; the run has no scope where there is none. Throws Problem for one that is
  /// none.
  void take_key(WriteRun& run) const;
  /// From here on the key is given back by whoever answers, or lets go of the run. Throws idempotency.in_flight.
  void hold_key(WriteRun& run);
  /// Whether an answer is stored under the run's key.
  static bool has_answer(const store::Reader& reader, const WriteRun& run);
  /// Sets the stored answer, if there is one. False when the request is to run: also where the gates stop who asks.
  bool replay(const store::Reader& reader, WriteRun& run) const;
  /// The same in a snapshot of its own. Who was put out while the body came is told nothing, not even what he did
  /// himself: throws Problem.
  bool replay_from_snapshot(WriteRun& run) const;
  /// Makes the body of an answer that was kept as a reference; there is nothing to do for one that was kept as it is.
  static void render(const store::Reader& reader, WriteRun& run);
  /// A repeat changes nothing, and never waits for the writer.
  void answer_again(const WriteRunPtr& run);
  static void keep_answer(store::Tx& tx, const WriteRun& run, const Applied& applied, Micros now);
  /// Forgets answers older than their day, a few at a time.
  void tidy();

 private:
  store::Database& database_;
  const Admission& admission_;
  const GateQuestions& questions_;
  Answers& answers_;
  BoundedExecutor& long_reads_;
  std::mutex mutex_;
  std::set<std::string> in_flight_;  // keys whose first request still runs
};

}  // namespace nexus::http
