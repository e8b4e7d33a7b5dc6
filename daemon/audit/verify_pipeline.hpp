// Feeds a verifier on two cores. One thread reads the next rows and judges the last ones in order. Another examines the
// rows in between one by one (their bytes and digests, two thirds of all work). The verdicts are those of the Verifier,
// row for row and in its order. Only the command line uses it: the daemon needs its cores for other work and feeds its
// verifier directly.
#pragma once
#include <future>

#include "daemon/audit/verify.hpp"

namespace nexus::audit {

/// For one thread. `verifier` must outlive it and may be read only after `drain`.
class VerifyPipeline {
 public:
  explicit VerifyPipeline(Verifier& verifier) : verifier_(verifier), next_(verifier.next_seq()) {}

  void row(const RowView& row, const RowColumns* columns = nullptr);
  void note(std::string_view note);
  /// Waits until all rows and notes are judged.
  void drain();
  /// Like Verifier::next_seq, counting the rows given so far.
  std::int64_t next_seq() const { return next_; }

 private:
  /// A row or note that owns its bytes. Items are reused, so that nothing is allocated in the long run.
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
