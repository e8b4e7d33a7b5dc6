// What the gates remember of what they read: the facts of all tenants together, in a bounded number of bytes. The fact
// that was not used for the longest time goes first. A key holds the mark of the state that its fact was read from
// (store/gates.hpp). So a fact of another state is never found, and one of a past state goes by itself.
//
// Refused: a memory of each thread. It needs no lock, but holds every fact once a thread, and 32 threads of the storage
// pool may judge.
//
// Threads: any. Nothing is read from the store under the lock.
#pragma once
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace nexus::gates {

class Facts {
 public:
  using Value = std::shared_ptr<const void>;

  explicit Facts(std::size_t bytes_max) : bytes_max_(bytes_max) {}
  /// Those of the process: limits::gate_facts_bytes_max.
  static Facts& shared();

  /// The fact of this key; nullptr when it is not remembered.
  Value find(std::string_view key);
  /// Remembers a fact, in place of another one of its key. `bytes` is what the value takes. A fact that is larger than
  /// the bound is not remembered.
  void keep(std::string key, Value value, std::size_t bytes);

  /// What keys, values and their administration take.
  std::size_t bytes() const;

 private:
  struct Fact {
    std::string key;
    Value value;
    std::size_t bytes;
  };
  using Line = std::list<Fact>;

  void drop(Line::iterator fact, Line& dropped);

  const std::size_t bytes_max_;
  mutable std::mutex mutex_;
  Line line_;  // the last one used comes first
  std::unordered_map<std::string_view, Line::iterator> by_key_;
  std::size_t bytes_ = 0;
};

}  // namespace nexus::gates
