// What the frames of one WebSocket do: the acts behind daemon/rails/ws_protocol.*. Replies go into the stream's own
// queue, so that they stand in line with its events, are bounded with them, and a client that reads none of them ends
// as too slow. No socket.
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

  /// A message is the request it equals: to be run when it is not settled already, and then `answer`ed.
  http::ExchangePtr ask(const Say& say) const;
  void answer(const Say& say, http::Exchange& exchange, http::Response response) const;

  void take(const Ping& ping) const;
  void take(const PresencePing& ping) const;
  void take(Gesture gesture) const;
  void take(const Objection& objection) const;

 private:
  const http::Route& message_route() const;
  void object(std::string_view ref, const Problem& problem) const;

  http::Dispatcher& dispatcher_;
  std::shared_ptr<Stream> stream_;
};

}  // namespace nexus::rails
