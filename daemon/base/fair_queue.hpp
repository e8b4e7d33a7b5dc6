// A queue that many tenants share: each has a line of its own, and the line that has used the least goes next. What an
// entry used is charged after it ran, by the clock, so nobody has to guess before. A tenant whose line was empty
// begins level with the one that was served last: waiting earns no credit, and what it used is not forgotten before the
// others have caught up. So with k busy tenants, an entry waits for at most one entry of each of the others.
//
// This is start-time fair queueing (Goyal, Vin, Cheng: SIGCOMM 1996), with the cost known afterwards.
//
// An entry has a weight: what it holds while it waits, in bytes. Whoever uses the queue asks `has_room` before it
// pushes, and so bounds what waits by number and by weight, in each line and in all. Within a line, small and large
// entries take turns by what they used: so a tenant's small entry waits for one of its large ones, not for all of them.
//
// Threads: one at a time. To take the next entry needs no memory.
#pragma once
#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace nexus {

/// What waits, or the most that may.
struct QueueLoad {
  std::size_t entries = 0;
  std::size_t weight = 0;
};

template <class Entry>
class FairQueue {
 public:
  /// Entries of that weight or more are large.
  explicit FairQueue(std::size_t large_weight = std::numeric_limits<std::size_t>::max())
      : large_weight_(large_weight) {}

  void push(std::string_view tenant, Entry entry, std::size_t weight = 0) {
    auto& [name, line] = line_of(tenant);
    Turns& turns = turns_of(line, weight);
    turns.entries.emplace_back(std::move(entry), weight);
    if (turns.entries.size() == 1) turns.used = std::max(turns.used, line.turns_clock);
    if (line.size() == 1) move(name, line, idle_, busy_, std::max(line.used, clock_));
    line.weight += weight;
    all_ = {all_.entries + 1, all_.weight + weight};
  }

  /// Whether an entry of that weight may enter the tenant's line. An empty line takes any weight: so an entry that is
  /// larger than the bounds gets in, and nobody is kept out by the weight of what others have waiting.
  bool has_room(std::string_view tenant, std::size_t weight, QueueLoad line_max, QueueLoad all_max) const {
    const QueueLoad line = load_of(tenant);
    if (line.entries >= line_max.entries || all_.entries >= all_max.entries) return false;
    return line.entries == 0 || (line.weight + weight <= line_max.weight && all_.weight + weight <= all_max.weight);
  }

  /// The next entry, from the line that has used the least.
  std::optional<Entry> pop() {
    if (busy_.empty()) return std::nullopt;
    return take(busy_.begin());
  }

  /// The next entry whose tenant may go now, and the tenant: the line that has used the least of those for which
  /// `may_go(tenant)` is true.
  template <class MayGo>
  std::optional<std::pair<std::string, Entry>> pop_where(const MayGo& may_go) {
    const auto next =
        std::find_if(busy_.begin(), busy_.end(), [&](const auto& waiting) { return may_go(waiting.second); });
    if (next == busy_.end()) return std::nullopt;
    std::string tenant(next->second);
    return std::pair(std::move(tenant), take(next));
  }

  /// Adds to what the tenant has used, and what its entries of that weight have; nothing: it was none of this queue. A
  /// line that was forgotten meanwhile is level with the one that was served last.
  void charge(std::string_view tenant, std::int64_t cost, std::optional<std::size_t> weight = 0) {
    auto& [name, line] = line_of(tenant);
    if (weight) turns_of(line, *weight).used += cost;
    Order& order = line.size() == 0 ? idle_ : busy_;
    move(name, line, order, order, line.used + cost);
  }

  bool empty() const { return all_.entries == 0; }
  std::size_t size() const { return all_.entries; }
  /// What waits in the tenant's line.
  QueueLoad load_of(std::string_view tenant) const {
    const auto found = lines_.find(tenant);
    if (found == lines_.end()) return {};
    return {found->second.size(), found->second.weight};
  }

 private:
  /// Those of one size, in their order.
  struct Turns {
    std::deque<std::pair<Entry, std::size_t>> entries;  // each with its weight
    std::int64_t used = 0;
  };
  struct Line {
    Turns small, large;
    std::int64_t turns_clock = 0;  // what the size that was served last had used
    std::size_t weight = 0;        // of all entries
    std::int64_t used = 0;

    std::size_t size() const { return small.entries.size() + large.entries.size(); }
    Turns& next() {
      if (small.entries.empty()) return large;
      return large.entries.empty() || small.used <= large.used ? small : large;
    }
  };
  using Order = std::set<std::pair<std::int64_t, std::string_view>>;  // the names are the keys of lines_

  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  using Lines = std::unordered_map<std::string, Line, Hash, std::equal_to<>>;

  Entry take(Order::iterator next) {
    const auto [used, name] = *next;
    clock_ = std::max(clock_, used);
    forget_caught_up();
    Line& line = lines_.find(name)->second;
    Turns& turns = line.next();
    line.turns_clock = std::max(line.turns_clock, turns.used);
    auto& [first, weight] = turns.entries.front();
    Entry entry = std::move(first);
    line.weight -= weight;
    all_ = {all_.entries - 1, all_.weight - weight};
    turns.entries.pop_front();
    if (line.size() == 0) move(name, line, busy_, idle_, line.used);
    return entry;
  }

  Turns& turns_of(Line& line, std::size_t weight) { return weight < large_weight_ ? line.small : line.large; }

  /// The tenant's line; a new one is idle.
  typename Lines::value_type& line_of(std::string_view tenant) {
    const auto [found, is_new] = lines_.try_emplace(std::string(tenant));
    if (!is_new) return *found;
    found->second.used = clock_;
    try {
      idle_.insert({clock_, found->first});
    } catch (...) {
      lines_.erase(found);
      throw;
    }
    return *found;
  }

  /// Allocates nothing, so that no line is lost where memory is short.
  static void move(std::string_view name, Line& line, Order& from, Order& to, std::int64_t used) {
    auto node = from.extract({line.used, name});
    node.value().first = line.used = used;
    to.insert(std::move(node));
  }

  /// Drops idle lines that are no longer ahead: they would begin level anyway.
  void forget_caught_up() {
    while (!idle_.empty() && idle_.begin()->first <= clock_) {
      const auto line = lines_.find(idle_.begin()->second);
      idle_.erase(idle_.begin());
      lines_.erase(line);
    }
  }

  const std::size_t large_weight_;
  Lines lines_;
  Order busy_, idle_;
  std::int64_t clock_ = 0;
  QueueLoad all_;
};

}  // namespace nexus
