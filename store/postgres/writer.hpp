// PostgreSQL's writer: several lanes, each a thread with a connection. A tenant's units always take the same lane, so
// they run in their order, and its share of the queue is counted in one place. Locks keep lanes and daemons apart
// (locks.hpp).
//
// It never stops by itself: when the server is away, units are not applied, and each lane connects again.
//
// Threads: as of store/writer.hpp.
#pragma once
#include "store/postgres/lane.hpp"

namespace nexus::store {

class PostgresWriter final : public Writer {
 public:
  using Writer::submit;

  /// The options' limits are of all lanes together. `ring` hears of each COMMIT before the listener does. Throws as
  /// Link does.
  PostgresWriter(LaneOptions options, std::size_t lanes, Lane::OnCommit ring);
  /// Calls stop().
  ~PostgresWriter() override;

  bool submit(Work work) override;
  void on_commit(Committed listener) override;
  void stop() override;
  WriterStats stats() const override;
  /// Empty while every lane is connected; else one line. Threads: any; does not wait.
  std::string not_ready() const;

 private:
  bool is_own_thread() const override;
  void tell(const std::vector<Place>& touched);

  const Lane::OnCommit ring_;
  std::mutex listener_mutex_;
  Committed committed_;
  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace nexus::store
