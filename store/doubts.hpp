// Which units of a group get a savepoint of their own. SQLite copies each page that changes inside a savepoint, which
// takes about as long as a unit's statements. Nearly no unit is undone. So a unit runs without one, and when it throws,
// the group is rolled back and the units before it run again, each in a savepoint. After that the line it came from is
// doubted for a while: its units run in savepoints. So one tenant's refusals make its own units slower, and no group
// runs twice for them again and again. The same holds for what units leave to the end of their group.
//
// Threads: the writer's alone.
#pragma once
#include <string>
#include <unordered_map>

namespace nexus::store {

class Doubts {
 public:
  /// Whether a unit of this line runs in a savepoint; counts it.
  bool doubt(const std::string& line) {
    const auto doubted = units_.find(line);
    if (doubted == units_.end()) return false;
    if (--doubted->second == 0) units_.erase(doubted);
    return true;
  }
  /// A unit of this line threw.
  void raise(const std::string& line) {
    if (units_.size() >= kLinesMax) units_.clear();
    units_.insert_or_assign(line, kUnits);
  }

 private:
  static constexpr int kUnits = 256;
  static constexpr std::size_t kLinesMax = 4096;
  std::unordered_map<std::string, int> units_;  // how many of a line are still to run in savepoints
};

}  // namespace nexus::store
