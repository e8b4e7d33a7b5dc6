// Which things go, and when. Rows: what has outlived its time (events, messages, stored answers, tokens, runs of
// traces), and remains of deletions (turns of long memory sessions, copies that were too many for the deletion's own
// transaction, words in the search index, tombstones). Texts that a search reads are folded again when the rules
// change. Objects: uploads that nobody registered, and what is left of deleted or unfinished ones. Audit rows are never
// touched. What is kept for ever is counted.
//
// Rows and objects have a Housekeeper each, so that a slow store of objects delays no rows. They share one Pace.
//
// Threads: the run functions block, and need a thread that may; stop and metrics_text from any thread.
#pragma once
#include <array>
#include <atomic>
#include <string>

#include "daemon/blobs/backend.hpp"
#include "daemon/config/config.hpp"
#include "daemon/limits.hpp"
#include "store/housekeeper.hpp"
#include "store/retention.hpp"

namespace nexus {
class MetricsPage;
}

namespace nexus::app {

class Housekeeping {
 public:
  struct Times {
    std::uint32_t events_days = 0;  // 0 keeps all; runs of traces, too
    std::uint32_t chat_days = 0;    // 0 keeps all
    std::uint32_t index_hours = 12;
    std::uint32_t unregistered_hours = 24;
    std::uint64_t answer_bytes = limits::stored_answers_bytes_default;  // of a tenant

    static Times of(const Config& config);
  };
  /// Database and blobs must outlive it. `helper` runs removals of objects beside the one of run_objects().
  Housekeeping(store::Database& database, blobs::BlobStore& blobs, const std::string& instance_id, const Times& times,
               store::Helper helper);

  /// Where they return true, the run function must be called (see store::Housekeeper::ask). From any thread.
  bool ask_for_rows() { return rows_.ask(); }
  bool ask_for_objects() { return objects_.ask(); }
  /// Each removes everything past its time.
  void run_rows();
  void run_objects() { objects_.run(); }
  /// Ends what runs, and what is begun later.
  void stop() { pace_.stop(); }
  /// Prometheus text: what waits, and what is kept for ever. Reads a bounded number of rows. Without a reader,
  /// what it would read is left out.
  std::string metrics_text(const store::Reader* reader) const;

 private:
  void count_kept();
  void add_waiting(MetricsPage& page, const store::Reader& reader) const;

  store::Database& database_;
  store::Pace pace_;
  store::Housekeeper rows_, objects_;
  std::atomic<Micros> counted_at_{0};
  std::array<std::atomic<std::int64_t>, std::size(store::kKept)> kept_{};
};

}  // namespace nexus::app
