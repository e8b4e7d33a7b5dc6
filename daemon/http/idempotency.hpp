// Repeats of a request under one Idempotency-Key. The first request holds the key while it runs. Its answer is stored
// in the transaction of the change. A repeat is answered from it, without the writer.
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
  /// All must outlive it. Answers that must be rendered again are rendered on `long_reads`.
  Idempotency(store::Database& database, const Admission& admission, const GateQuestions& questions, Answers& answers,
              BoundedExecutor& long_reads)
      : database_(database), admission_(admission), questions_(questions), answers_(answers), long_reads_(long_reads) {}

  /// Reads the key of a POST into the run; the run has no scope without one. Throws Problem for a malformed key.
  void take_key(WriteRun& run) const;
  /// Holds the key until the run is answered or released. Throws idempotency.in_flight.
  void hold_key(WriteRun& run);
  /// Whether an answer is stored under the run's key.
  static bool has_answer(const store::Reader& reader, const WriteRun& run);
  /// Sets the stored answer, if there is one. False when the request must run, also where the gates stop the caller.
  bool replay(const store::Reader& reader, WriteRun& run) const;
  /// The same in a snapshot of its own. Throws Problem for a caller who lost access while the body came: they learn
  /// nothing, not even of their own acts.
  bool replay_from_snapshot(WriteRun& run) const;
  /// Renders the body of an answer that was stored as a reference. Does nothing for one that was stored whole.
  static void render(const store::Reader& reader, WriteRun& run);
  /// Answers a repeat, which changes nothing and never waits for the writer.
  void answer_again(const WriteRunPtr& run);
  static void keep_answer(store::Tx& tx, const WriteRun& run, const Applied& applied, Micros now);
  /// Forgets stored answers older than a day, a few at a time.
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
