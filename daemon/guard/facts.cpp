#include "daemon/guard/facts.hpp"

#include "daemon/guard/limits.hpp"

namespace nexus {
namespace {

/// Nodes of the list and of the map, the counts of the shared pointer, and what the allocator adds to each.
constexpr std::size_t kFactBytes = 256;
/// What the allocator and a vector's spare room add to a text.
constexpr std::size_t kTextBytes = 16;

}  // namespace

FactName::FactName(FactKind kind, std::optional<std::int64_t> mark, std::initializer_list<std::string_view> parts)
    : mark_(mark) {
  std::size_t bytes = 1;
  for (const auto part : parts) bytes += sizeof(std::uint32_t) + part.size();
  text_.reserve(bytes);
  text_.append(1, static_cast<char>(kind));
  for (const auto part : parts) {
    const auto length = static_cast<std::uint32_t>(part.size());
    text_.append(reinterpret_cast<const char*>(&length), sizeof length).append(part);
  }
}

std::size_t heap_of(const std::string& text) {
  return text.capacity() < sizeof(std::string) / 2 ? 0 : text.capacity() + kTextBytes;
}
std::size_t heap_of(const std::optional<std::string>& text) { return text ? heap_of(*text) : 0; }

Facts& Facts::shared() {
  static Facts facts(limits::facts_bytes_max);
  return facts;
}

Facts::Value Facts::find(const FactKey& key) {
  const std::lock_guard lock(mutex_);
  const auto found = by_name_.find(key.name);
  if (found == by_name_.end() || found->second->mark != key.mark) return nullptr;
  line_.splice(line_.begin(), line_, found->second);
  return found->second->value;
}

void Facts::keep(const FactKey& key, Value value, std::size_t bytes) {
  bytes += key.name.size() + kFactBytes;
  Line dropped;  // destroyed after the lock is released
  const std::lock_guard lock(mutex_);
  if (const auto found = by_name_.find(key.name); found != by_name_.end()) drop(found->second, dropped);
  if (bytes > bytes_max_) return;
  Line kept;  // joins the line once nothing can fail any more: what is in it has a name, and is counted
  kept.push_front({std::string(key.name), key.mark, std::move(value), bytes});
  by_name_.emplace(kept.front().name, kept.begin());
  line_.splice(line_.begin(), kept);
  bytes_ += bytes;
  while (bytes_ > bytes_max_) drop(std::prev(line_.end()), dropped);
}

std::size_t Facts::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

void Facts::drop(Line::iterator fact, Line& dropped) {
  bytes_ -= fact->bytes;
  by_name_.erase(fact->name);
  dropped.splice(dropped.end(), line_, fact);
}

}  // namespace nexus
