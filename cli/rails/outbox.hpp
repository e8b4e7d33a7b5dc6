// Messages that were sent on a WebSocket and are not acknowledged yet. A message keeps its `ref` over every connection.
// The daemon uses it as the Idempotency-Key, so a message that is sent again after a drop is not posted twice. Plain
// state, no socket.
#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "daemon/base/json.hpp"

namespace nexus::cli {

class Outbox {
 public:
  explicit Outbox(std::function<std::string()> new_ref) : new_ref_(std::move(new_ref)) {}

  /// The frame of a new message.
  std::string say(const std::string& text);
  /// The frames to send on a new connection, in their order.
  std::vector<std::string> unanswered() const;
  /// Takes `ack` and `error` frames of the daemon; ignores a frame about none of our messages.
  void answered(const Json& frame);
  /// An event with this cursor was shown.
  void saw(const std::string& cursor);
  /// All messages are answered, and the last of them was seen coming back.
  bool settled() const { return waiting_.empty() && seen_ >= acknowledged_; }

 private:
  struct Message {
    std::string ref;
    std::string frame;
  };

  std::function<std::string()> new_ref_;
  std::deque<Message> waiting_;
  std::int64_t acknowledged_ = 0;  // the largest sequence number of ours
  std::int64_t seen_ = 0;
};

/// The number after the point of `<epoch>.<seq>`; 0 when there is none.
std::int64_t sequence_of(const std::string& cursor);

}  // namespace nexus::cli
