// Repeats of a request under one Idempotency-Key. The first request holds the key while it runs. Its answer is stored
// in the transaction of the change. A repeat is answered from it, without the writer.
//
// Threads: any.
#pragma once
#include <mutex>
#include <set>
#include <string>

#include "daemon/http/admission.hpp"
#include "store/idempotency.hpp"

namespace nexus::http {

/// One write between parse and answer. The I/O thread, the pools that may block and the writer use it one after
/// another. Writes runs it, Forms makes those of forms, and Idempotency answers repeats.
struct WriteRun {
  ExchangePtr exchange;
  Write write;
  Done done;
  std::size_t bytes = 0;  // about how many its unit writes: the body, and what was prepared
  std::optional<store::IdempotencyScope> idempotency = {};
  std::string body_sha256 = {};
  std::shared_ptr<void> held = {};            // the idempotency key among those in flight, if any
  Response response = {};                     // set by the unit, sent only once it is committed
  std::function<std::string()> text = {};     // makes the body of the response after the commit, if set
  bool takes_reserve = false;                 // it stops things: on a full disk the reserve is freed for it
  std::optional<std::string> reference = {};  // what the body of a stored answer must still be rendered from
  bool changed = false;                       // the unit applied the write: no refusal, no replay
  std::function<void()> undo = {};            // removes what the write has stored already; may block
  std::function<void(store::Database&)> after_commit = {};

  /// Releases the key before the client can see the answer.
  void answer(Response answered) {
    held.reset();
    done(std::move(answered));
  }
};
using WriteRunPtr = std::shared_ptr<WriteRun>;

class Idempotency {
 public:
  /// Both must outlive it.
  Idempotency(Common& common, const Admission& admission) : common_(common), admission_(admission) {}

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

 private:
  Common& common_;
  const Admission& admission_;
  std::mutex mutex_;
  std::set<std::string> in_flight_;  // keys whose first request still runs
};

}  // namespace nexus::http
