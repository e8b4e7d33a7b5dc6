// A queue that many tenants share: each has a line of its own, and the line that has used the least goes next. What an
// entry used is charged after it ran, by the clock, so nobody has to guess before. A tenant whose line was empty
// begins level with the one that was served last: waiting earns no credit, and what it used is not forgotten before the
// others have caught up. So with k busy tenants, an entry waits for at most one entry of each of the others.
//
// This is start-time fair queueing (Goyal, Vin, Cheng: SIGCOMM 1996), with the cost known afterwards.
//
// Threads: one at a time.
#pragma once
#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace nexus {

template <class Entry>
class FairQueue {
 public:
  void push(std::string_view tenant, Entry entry) {
    auto& [name, line] = *lines_.try_emplace(std::string(tenant)).first;
    if (line.entries.empty()) {
      idle_.erase({line.used, name});
      line.used = std::max(line.used, clock_);
      busy_.insert({line.used, name});
    }
    line.entries.push_back(std::move(entry));
    ++size_;
  }

  /// The next entry, from the line that has used the least.
  std::optional<Entry> pop() {
    auto popped = pop_where([](std::string_view) { return true; });
    if (!popped) return std::nullopt;
    return std::move(popped->second);
  }

  /// The next entry whose tenant may go now, and the tenant: the line that has used the least of those for which
  /// `may_go(tenant)` is true.
  template <class MayGo>
  std::optional<std::pair<std::string, Entry>> pop_where(const MayGo& may_go) {
    const auto next =
        std::find_if(busy_.begin(), busy_.end(), [&](const auto& waiting) { return may_go(waiting.second); });
    if (next == busy_.end()) return std::nullopt;
    const auto [used, name] = *next;
    clock_ = std::max(clock_, used);
    forget_caught_up();
    auto& line = lines_.find(std::string(name))->second;
    std::pair<std::string, Entry> popped(name, std::move(line.entries.front()));
    line.entries.pop_front();
    --size_;
    if (line.entries.empty()) {
      busy_.erase(next);
      idle_.insert({line.used, name});
    }
    return popped;
  }

  /// Adds to what the tenant has used. A line that was forgotten meanwhile is level with the one that was served last.
  void charge(std::string_view tenant, std::int64_t cost) {
    const auto [found, is_new] = lines_.try_emplace(std::string(tenant));
    auto& [name, line] = *found;
    if (is_new) line.used = clock_;
    auto& order = line.entries.empty() ? idle_ : busy_;
    order.erase({line.used, name});
    line.used += cost;
    order.insert({line.used, name});
  }

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  /// How many entries of the tenant wait.
  std::size_t size_of(std::string_view tenant) const {
    const auto found = lines_.find(std::string(tenant));
    return found == lines_.end() ? 0 : found->second.entries.size();
  }

 private:
  struct Line {
    std::deque<Entry> entries;
    std::int64_t used = 0;
  };
  using Order = std::set<std::pair<std::int64_t, std::string_view>>;  // the names are the keys of lines_

  /// Drops idle lines that are no longer ahead: they would begin level anyway.
  void forget_caught_up() {
    while (!idle_.empty() && idle_.begin()->first <= clock_) {
      const std::string name(idle_.begin()->second);
      idle_.erase(idle_.begin());
      lines_.erase(name);
    }
  }

  std::unordered_map<std::string, Line> lines_;
  Order busy_, idle_;
  std::int64_t clock_ = 0;
  std::size_t size_ = 0;
};

}  // namespace nexus
