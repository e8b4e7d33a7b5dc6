// Carries out the frames of one WebSocket that daemon/rails/ws_protocol.* judged. Replies go into the stream's own
// queue, within the bounds of its events, so that a client that does not read them ends as too slow. Uses no socket.
//
// Threads: the connection's strand.
#pragma once
#include <memory>

#include "daemon/http/dispatcher.hpp"
#include "daemon/rails/stream.hpp"
#include "daemon/rails/ws_protocol.hpp"

namespace nexus::rails {

class Conversation {
 public:
  Conversation(http::Dispatcher& dispatcher, std::shared_ptr<Stream> stream)
      : dispatcher_(dispatcher), stream_(std::move(stream)) {}

  /// Returns the HTTP request that equals the message. The caller runs it unless it is settled already, and then calls
  /// `answer`.
  http::ExchangePtr ask(const Say& say) const;
  void answer(const Say& say, http::Exchange& exchange, http::Response response) const;

  /// Carries out any other frame, but for a Breach.
  void take(const ClientFrame& frame) const;

 private:
  const http::Route& message_route() const;
  void pass_on(const Gesture& gesture) const;
  void object(std::string_view ref, const Problem& problem) const;

  http::Dispatcher& dispatcher_;
  std::shared_ptr<Stream> stream_;
};

}  // namespace nexus::rails
