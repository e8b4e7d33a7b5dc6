// Ten thousand streams at once: 10 000 by server-sent events and 1 000 by WebSocket, idle and then with 100 messages a
// second in one hot thread of a thousand of them; and how long all are cut off when the daemon is killed.
#pragma once
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace nexus::bench {

struct StreamFigures {
  int sse = 0, websocket = 0;    // that were open
  double open_seconds = 0;       // until all were
  double kib_a_stream = 0;       // of the daemon's memory, idle
  double posted_per_second = 0;  // messages
  std::uint64_t expected = 0, delivered = 0, doubled = 0, disordered = 0;
  double p50_ms = 0, p99_ms = 0;  // from before the post to after the read
  double cpu = 0;                 // the daemon's, of one core
  double caught_up_seconds = 0;   // after the kill: from the new daemon's first breath until every stream had all
  std::uint64_t caught_up = 0;    // streams that had
};

/// `each`: how long messages are posted.
StreamFigures measure_streams(const std::filesystem::path& data, int sse, int websocket,
                              std::chrono::milliseconds each);

}  // namespace nexus::bench
