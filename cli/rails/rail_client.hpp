// Sockets of the rails: one server-sent stream or one WebSocket at a time. Blocking for its caller;
// a signal, or a call of `finish` from a handler, ends what runs. The one file of the CLI that knows Boost.Beast.
// Decides nothing: that is rail_state.*'s.
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "cli/engine/client.hpp"
#include "cli/rails/rail_state.hpp"

namespace nexus::cli {

/// Called on the thread that runs the client; what they throw ends the stream and comes out of the call.
struct RailHandlers {
  std::function<void()> opened;
  std::function<void(std::string_view)> received;  // bytes of a server-sent stream, or one whole WebSocket message
};

class RailClient {
 public:
  RailClient();  // from now on SIGINT and SIGTERM end streams and pauses instead of the process
  ~RailClient();

  RailEnd stream(const Exchange& request, const RailHandlers& handlers);
  RailEnd converse(const Exchange& request, const RailHandlers& handlers);
  /// False when a signal came.
  bool pause(std::chrono::milliseconds time);
  /// The signal that came, or 0.
  int signal() const;

  /// Only while `converse` runs and on its thread: queues one text message.
  void send(std::string text);
  /// Ends the running stream as `finished`; a WebSocket with a close frame.
  void finish();
  /// From any thread: runs `work` on the client's thread while it streams or pauses.
  void post(std::function<void()> work);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nexus::cli
