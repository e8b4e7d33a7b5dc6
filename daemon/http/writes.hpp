// The part of the dispatcher that writes: idempotency, prepare, and the one unit of the writer. The unit commits
// membership, gates, change, events, audit row and stored answer together, or not at all. A request that would change
// nothing (Write::repeated) is answered in a snapshot; with a fresh Idempotency-Key, its unit writes the key's row
// alone.
//
// Threads: run and submit on any thread; the unit runs on the writer; `done` is called once, on whatever thread
// finished the work.
#pragma once
#include "daemon/http/idempotency.hpp"

namespace nexus::http {

class Writes {
 public:
  /// All must outlive it.
  Writes(Common& common, const Admission& admission, Idempotency& idempotency)
      : common_(common), admission_(admission), idempotency_(idempotency) {}

  /// `body` is the text that the write was parsed from. May throw Problem before anything is done.
  void run(const ExchangePtr& exchange, Write write, const std::string& body, const Done& done);
  /// Hands the unit of a prepared write to the writer, and answers the run.
  void submit(const WriteRunPtr& run);
  /// Throws Problem where the route would store an object in prod while objects are local.
  void judge_storage(const Exchange& exchange) const;

 private:
  void judge_direction(const store::Reader& reader, const WriteRun& run, const Caller& caller) const;
  bool stops(const store::Reader& reader, const WriteRun& run) const;
  void require_space(const store::Reader& reader, const WriteRun& run) const;
  void undo(WriteRun& run);

  using Step = void (Writes::*)(const WriteRunPtr&);
  /// The step as a task of a lane. What it throws is the answer.
  FairExecutor::Task step(const WriteRunPtr& run, Step take);
  void begin(const WriteRunPtr& run);
  void prepare(const WriteRunPtr& run);
  void prepare_and_submit(const WriteRunPtr& run);
  void repeat(const WriteRunPtr& run);
  void answer_repeat(const WriteRunPtr& run);
  bool take_repeat_from_snapshot(WriteRun& run);
  static void take_repeat(const store::Reader& reader, WriteRun& run, const Repeat& same);
  static void ask(const store::Reader& reader, const WriteRun& run);
  void unit(store::Tx& tx, WriteRun& run);
  void change(store::Tx& tx, WriteRun& run, const Caller& caller, const std::optional<Judgement>& judgement,
              audit::Act act);
  void take_stream(WriteRun& run, Applied& applied);
  void settle(const WriteRunPtr& run, const store::Result& result);
  void do_part(const WriteRunPtr& run);
  void answer(const WriteRunPtr& run);
  void make_and_answer(const WriteRunPtr& run);
  Response only_receipt(const WriteRun& run, const std::exception_ptr& error);

  Common& common_;
  const Admission& admission_;
  Idempotency& idempotency_;
};

}  // namespace nexus::http
