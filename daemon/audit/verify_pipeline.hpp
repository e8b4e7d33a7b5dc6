// Feeds a verifier on two cores: while one thread reads and unwraps the next rows and judges the last ones in their
// order, another examines those in between by themselves (their bytes and digests, two thirds of all work). Verdicts
// are those of the Verifier, row for row and in its order. For the command line; the daemon, which has other things to
// do with its cores, feeds its verifier directly.
#pragma once
#include <future>

#include "daemon/audit/verify.hpp"

namespace nexus::audit {

/// For one thread. `verifier` must outlive it and be asked only after `drain`.
class VerifyPipeline {
 public:
  explicit VerifyPipeline(Verifier& verifier) : verifier_(verifier), next_(verifier.next_seq()) {}

  void row(const RowView& row, const RowColumns* columns = nullptr);
  void note(std::string_view note);
  /// All that was given is judged when it returns.
  void drain();
  /// As Verifier::next_seq, of what was given.
  std::int64_t next_seq() const { return next_; }

 private:
  /// A row or note with bytes of its own; used again and again, so that nothing is allocated in the long run.
  struct Item {
    bool is_note = false, has_details = false, has_columns = false;
    std::int64_t seq = 0;
    std::string body, details, prev_hash, hash, at, action, actor, result, trace_id;
    RowFacts facts;

    RowView view() const;
  };
  struct Batch {
    std::vector<Item> items;
    std::size_t count = 0;
  };
  Item& next_item();
  void submit();
  void judge(Batch& batch);

  Verifier& verifier_;
  std::int64_t next_;
  Batch filling_, examining_, examined_;
  std::future<void> under_way_;  // examines examining_
};

}  // namespace nexus::audit
