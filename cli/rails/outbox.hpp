// What was said on a WebSocket and is not acknowledged yet. A message keeps its `ref` over every connection: it counts
// as its Idempotency-Key, so sending it again after a drop cannot post it twice. Plain state, no socket.
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
  /// `ack` and `error` frames of the daemon; one about nothing we said is nobody's.
  void acknowledged(const Json& frame);
  void refused(const Json& frame);
  /// An event with this cursor was shown.
  void saw(const std::string& cursor);
  /// All that was said is answered, and the last of it was seen coming back.
  bool settled() const { return waiting_.empty() && seen_ >= acknowledged_; }

 private:
  struct Message {
    std::string ref;
    std::string frame;
  };
  bool take(const Json& frame);

  std::function<std::string()> new_ref_;
  std::deque<Message> waiting_;
  std::int64_t acknowledged_ = 0;  // the largest sequence number of ours
  std::int64_t seen_ = 0;
};

/// The number behind the point of `<epoch>.<seq>`; 0 when there is none.
std::int64_t sequence_of(const std::string& cursor);

}  // namespace nexus::cli
