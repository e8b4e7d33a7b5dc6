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
  bool is_prepared = false;                   // `write.prepare` has run, if there is one
  Response response = {};                     // set by the unit, sent only once it is committed
  bool is_long = false;                       // to make the body of the response takes long
  bool takes_reserve = false;                 // it stops things: on a full disk the reserve is freed for it
  std::optional<std::string> reference = {};  // what the body of the response must still be rendered from
  bool changed = false;                       // the unit applied the write: no refusal, no replay, no repeat
  bool begins_again = false;                  // the unit did nothing, because the write was not prepared
  std::function<void(store::Database&)> after_commit = {};
  bool leaves_rest = false;                    // see Applied
  std::function<bool(store::Tx&)> parts = {};  // Applied::parts
  bool more_parts = false;                     // what it returned last

  /// A unit may run twice.
  void forget_result() {
    std::exchange(response, {});
    reference.reset();
    after_commit = nullptr;
    parts = nullptr;
    is_long = changed = begins_again = leaves_rest = false;
  }
  /// Makes the body of a response that is to be rendered; does nothing for another. Throws Problem when its subject is
  /// gone.
  void render(const store::Reader& reader);
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
  /// Answers a repeat under its key, which changes nothing and never waits for the writer.
  void answer_again(const WriteRunPtr& run);
  /// What the answer can be rendered from. `Done` is Applied or Repeat.
  template <class Done>
  static std::string reference_of(const Done& done) {
    return done.reference.empty() ? done.subject_id.value_or("") : done.reference;
  }
  /// Keeps the answer, or what it can be rendered from, under the run's key, if any.
  static void keep_answer(store::Tx& tx, const WriteRun& run, const Applied& applied, Micros now);
  /// Keeps what an answer that changed nothing can be rendered from: fresh keys must not fill the store with copies.
  static void keep_repeat(store::Tx& tx, const WriteRun& run, const Repeat& same);

 private:
  Common& common_;
  const Admission& admission_;
  std::mutex mutex_;
  std::set<std::string> in_flight_;  // keys whose first request still runs
};

}  // namespace nexus::http
