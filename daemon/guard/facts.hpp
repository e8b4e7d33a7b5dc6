// What guard and gates remember of what they read: the facts of all tenants together, in a bounded number of bytes. The
// fact that was not used for the longest time goes first. A fact has the mark of the state that it was read from
// (store/admission.hpp, store/gates.hpp). So a fact of another state is never found. It is replaced under its name, so
// that many changes of one thing take no more memory than one. Whoever asks has read the mark from their own snapshot
// or transaction, so a fact equals a fresh reading.
//
// The results of time checks are never remembered: each request judges whether something has begun or expired.
//
// Refused: a memory of each thread. It needs no lock, but holds every fact once a thread, and 32 threads of the storage
// pool may judge. A number that each change increments: a unit that is rolled back would give its number to the next
// one, and facts remembered in between would pass for the next one's state.
//
// Threads: any. Nothing is read from the store under the lock.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <list>
#include <memory>
#include <memory_resource>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace nexus {

/// What is remembered; the first byte of its name.
enum class FactKind : char {
  bearer = 'a',
  standing,
  rate_limit,
  switches,
  level,
  licences,
  locks,
  spans,
  votes,
  policies,
  corridors,
  bounds,
  cost,
  metric
};

/// A fact's name, and the mark of the state that it was read from.
struct FactKey {
  std::string_view name;
  std::optional<std::int64_t> mark = {};  // nothing, where nothing was ever changed
};

/// Makes a key: its name is the kind of the fact and what it is about. Each part has its length before it, so that no
/// two lists of parts have one name. A name of the usual length allocates nothing.
class FactName {
 public:
  FactName(FactKind kind, std::optional<std::int64_t> mark, std::initializer_list<std::string_view> parts);
  FactName(const FactName&) = delete;
  FactName& operator=(const FactName&) = delete;
  /// Valid as long as this.
  operator FactKey() const { return {text_, mark_}; }

 private:
  std::array<std::byte, 384> room_;
  std::pmr::monotonic_buffer_resource memory_{room_.data(), room_.size()};
  std::pmr::string text_{&memory_};
  std::optional<std::int64_t> mark_;
};

/// What a text takes beside its object.
std::size_t heap_of(const std::string& text);
std::size_t heap_of(const std::optional<std::string>& text);

class Facts {
 public:
  using Value = std::shared_ptr<const void>;

  explicit Facts(std::size_t bytes_max) : bytes_max_(bytes_max) {}
  /// Those of the process: limits::facts_bytes_max.
  static Facts& shared();

  /// The fact of this name and mark; nullptr when it is not remembered.
  Value find(const FactKey& key);
  /// Remembers a fact, in place of the one of its name. `bytes` is what the value takes. A fact that is larger than
  /// the bound is not remembered.
  void keep(const FactKey& key, Value value, std::size_t bytes);

  /// What keys, values and their administration take.
  std::size_t bytes() const;

 private:
  struct Fact {
    std::string name;
    std::optional<std::int64_t> mark;
    Value value;
    std::size_t bytes;
  };
  using Line = std::list<Fact>;

  void drop(Line::iterator fact, Line& dropped);

  const std::size_t bytes_max_;
  mutable std::mutex mutex_;
  Line line_;  // the last one used comes first
  std::unordered_map<std::string_view, Line::iterator> by_name_;
  std::size_t bytes_ = 0;
};

}  // namespace nexus
