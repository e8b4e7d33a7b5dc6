#include "daemon/gates/facts.hpp"

#include "daemon/gates/limits.hpp"

namespace nexus::gates {
namespace {

/// Nodes of the list and of the map, the counts of the shared pointer, and what the allocator adds to each.
constexpr std::size_t kFactBytes = 256;

}  // namespace

Facts& Facts::shared() {
  static Facts facts(limits::gate_facts_bytes_max);
  return facts;
}

Facts::Value Facts::find(const Key& key) {
  const std::lock_guard lock(mutex_);
  const auto found = by_name_.find(key.name);
  if (found == by_name_.end() || found->second->key.mark != key.mark) return nullptr;
  line_.splice(line_.begin(), line_, found->second);
  return found->second->value;
}

void Facts::keep(Key key, Value value, std::size_t bytes) {
  bytes += key.name.capacity() + kFactBytes;
  Line dropped;  // destroyed after the lock is released
  const std::lock_guard lock(mutex_);
  if (const auto found = by_name_.find(key.name); found != by_name_.end()) drop(found->second, dropped);
  if (bytes > bytes_max_) return;
  line_.push_front({std::move(key), std::move(value), bytes});
  by_name_.emplace(line_.front().key.name, line_.begin());
  bytes_ += bytes;
  while (bytes_ > bytes_max_) drop(std::prev(line_.end()), dropped);
}

std::size_t Facts::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

void Facts::drop(Line::iterator fact, Line& dropped) {
  bytes_ -= fact->bytes;
  by_name_.erase(fact->key.name);
  dropped.splice(dropped.end(), line_, fact);
}

}  // namespace nexus::gates
