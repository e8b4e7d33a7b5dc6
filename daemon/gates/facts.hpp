// What the gates remember of what they read: the facts of all tenants together, in a bounded number of bytes. The fact
// that was not used for the longest time goes first. A fact has the mark of the state that it was read from
// (store/gates.hpp). So a fact of another state is never found. It is replaced under its name, so that many changes of
// one thing take no more memory than one.
//
// Refused: a memory of each thread. It needs no lock, but holds every fact once a thread, and 32 threads of the storage
// pool may judge.
//
// Threads: any. Nothing is read from the store under the lock.
#pragma once
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace nexus::gates {

class Facts {
 public:
  using Value = std::shared_ptr<const void>;
  struct Key {
    std::string name;
    std::optional<std::int64_t> mark = {};  // nothing, where nothing was ever changed
  };

  explicit Facts(std::size_t bytes_max) : bytes_max_(bytes_max) {}
  /// Those of the process: limits::gate_facts_bytes_max.
  static Facts& shared();

  /// The fact of this name and mark; nullptr when it is not remembered.
  Value find(const Key& key);
  /// Remembers a fact, in place of the one of its name. `bytes` is what the value takes. A fact that is larger than
  /// the bound is not remembered.
  void keep(Key key, Value value, std::size_t bytes);

  /// What keys, values and their administration take.
  std::size_t bytes() const;

 private:
  struct Fact {
    Key key;
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

}  // namespace nexus::gates
