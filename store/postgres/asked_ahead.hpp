// Answers that were asked for before the units of a group run: the reads that each of them makes go together, in the
// round trip of the group's locks. A unit that asks the same question with the same arguments finds the answer here.
//
// An answer is dropped when the group writes to a table that the question names, also by a trigger, so that a unit
// reads what the units before it wrote. One table is asked by its whole key, and many rows of it are written in a
// group: an answer about one key stays when a row of another key is inserted.
//
// Threads: its session's.
#pragma once
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "store/postgres/link.hpp"

namespace nexus::store {

/// For each table with triggers, the tables that they write.
using TriggeredWrites = std::unordered_map<std::string, std::vector<std::string>>;

class AskedAhead {
 public:
  /// Sent with the next round trip. The same question is asked once.
  void ask(Call call);
  /// What is to be sent now. The answers come in this order.
  const std::vector<Call>& unsent() const { return unsent_; }
  void keep_answers(std::vector<ResultHandle> answers);
  /// Null when it was not asked, or its answer was dropped.
  std::shared_ptr<pg_result> find(const Call& call) const;
  /// Drops what the statement may change. A lock that a unit takes changes nothing: what it guards, such as the lease
  /// of the leader, is not asked ahead.
  void drop_for(const Call& write);
  void clear();
  void know_triggers(TriggeredWrites triggers) { triggers_ = std::move(triggers); }

 private:
  struct Answer {
    Call call;
    std::shared_ptr<pg_result> result;
  };
  void drop_of(const std::string& table, const Call& write);

  TriggeredWrites triggers_;
  std::vector<Call> unsent_;
  std::unordered_multimap<const Prepared*, Answer> answers_;
};

}  // namespace nexus::store
