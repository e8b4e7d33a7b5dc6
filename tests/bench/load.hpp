// The load tool: keep-alive connections over epoll, one request in flight on each, every answer counted. It drains at
// the end, so that what it counted is exactly what the server answered, and keeps every latency, so that percentiles
// are exact. It speaks just enough HTTP for servers that answer with a Content-Length.
//
// Threads: `next` and `answered` are called on the load's threads; those of one connection never at the same time.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace nexus::bench {

struct Answer {
  int status = 0;
  std::string_view head;
  std::string_view body;
};

struct Load {
  std::string host = "127.0.0.1";
  int port = 0;
  int other_port = 0;  // of every second connection; 0: all go to `port`
  int connections = 64;
  int threads = 1;
  std::chrono::milliseconds duration{5000};
  double per_second = 0;  // over all connections; 0: as fast as the server answers
  /// Writes the next request of this connection into `request` (which holds its last one); false when there is none.
  std::function<bool(int connection, std::string& request)> next;
  std::function<void(int connection, const Answer& answer)> answered = {};
};

struct Measured {
  std::uint64_t ok = 0;      // 2xx
  std::uint64_t others = 0;  // any other status
  std::uint64_t broken = 0;  // connections that ended early or were not understood
  double seconds = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  double max_ms = 0;

  double per_second() const { return seconds > 0 ? static_cast<double>(ok) / seconds : 0; }
};

Measured drive(const Load& load);

/// A `next` that sends the same bytes for ever.
std::function<bool(int, std::string&)> always(std::string request);

/// A whole request with its Content-Length.
std::string request_text(std::string_view method, std::string_view target, std::string_view fields,
                         std::string_view body = {});

}  // namespace nexus::bench
