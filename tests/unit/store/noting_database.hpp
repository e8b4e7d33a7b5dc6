// A database that notes what realms its units name, and may let somebody write after each of them.
#pragma once
#include <functional>
#include <vector>

#include "tests/unit/store/support.hpp"

namespace nexus::store::test {

class NotingDatabase final : public Database {
 public:
  Lease read() override { return behind_.read(); }
  Writer& writer() override { return noting_; }
  bool is_damaged() const override { return behind_.is_damaged(); }

  const Scratch& scratch() const { return scratch_; }
  /// Runs a unit that is not noted.
  void plant(Unit unit) { behind_.writer().apply(std::move(unit)); }
  /// Of all units so far, in their order.
  const std::vector<Realms>& noted() const { return noting_.realms; }
  /// Called in a unit of its own after each that is noted, with its number, from 1.
  void after(std::function<void(Tx&, std::size_t number)> write) { noting_.after = std::move(write); }
  /// The unit of this number is not taken, as when the queue is full.
  void refuse(std::size_t number) { noting_.refused = number; }

 private:
  struct Noting final : Writer {
    explicit Noting(Writer& to) : writer(to) {}
    using Writer::submit;
    bool submit(Work work) override {
      realms.push_back(work.realms);
      const std::size_t number = realms.size();
      if (number == refused) return false;
      if (after)
        work.done = [this, number, done = std::move(work.done)](const Result& result) {
          writer.submit([this, number](Tx& tx) { after(tx, number); }, [result, done](const Result&) { done(result); });
        };
      return writer.submit(std::move(work));
    }
    void on_commit(Committed listener) override { writer.on_commit(std::move(listener)); }
    void stop() override { writer.stop(); }
    WriterStats stats() const override { return writer.stats(); }
    bool is_own_thread() const override { return false; }
    Writer& writer;
    std::vector<Realms> realms;
    std::function<void(Tx&, std::size_t)> after;
    std::size_t refused = 0;
  };

  Scratch scratch_;
  SqliteDatabase behind_{{.path = scratch_.database()}};
  Noting noting_{behind_.writer()};
};

}  // namespace nexus::store::test
