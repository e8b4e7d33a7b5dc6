// Sockets of the rails: one server-sent stream or one WebSocket at a time. Blocks its caller; a signal, or a call of
// `finish` from a handler, ends the stream. The only file of the CLI that knows Boost.Beast. Decides nothing:
// rail_state.* does.
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "cli/engine/client.hpp"
#include "cli/rails/rail_state.hpp"

namespace nexus::cli {

/// Called on the thread that runs the client. Their exceptions end the stream and leave the call.
struct RailHandlers {
  std::function<void()> opened;
  std::function<void(std::string_view)> received;  // bytes of a server-sent stream, or one whole WebSocket message
};

/// Streams and pauses also end when the reader of standard output has gone: with a Failure (broken_pipe).
class RailClient {
 public:
  using Line = std::function<void(std::string)>;

  RailClient();  // from now on SIGINT and SIGTERM end streams and pauses instead of the process
  ~RailClient();

  RailEnd stream(const Exchange& request, const RailHandlers& handlers);
  RailEnd converse(const Exchange& request, const RailHandlers& handlers);
  /// Returns false when a signal came, or the time of `finish_at`.
  bool pause(std::chrono::milliseconds time);
  /// Ends streams and pauses at that time, as `finished`, unless it is set anew before.
  void finish_at(std::chrono::steady_clock::time_point end);
  /// Returns the signal that came, or 0.
  int signal() const;

  /// Queues one text message. Call it only while `converse` runs, on its thread.
  void send(std::string text);
  /// Ends the running stream as `finished`; a WebSocket with a close frame.
  void finish();
  /// Runs what prints beside the handlers of `converse`: on a terminal its output stands above the line that is typed.
  void tell(const std::function<void()>& print);
  /// Reads standard input while the client streams or pauses: calls `line` with each line, at most one per `pace`, and
  /// `end` once.
  void read_lines(Line line, std::function<void()> end, std::chrono::milliseconds pace);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nexus::cli
