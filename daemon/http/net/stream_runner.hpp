// Who speaks on a connection that became a stream. The session hands the connection over once the request was judged
// and the stream opened, before a byte of the answer was written; what it needed for the request is freed by then.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <memory>

#include "daemon/http/dispatcher.hpp"
#include "daemon/http/net/connection.hpp"

namespace nexus::http::net {

struct StreamStart {
  ExchangePtr exchange;  // of the request; let go of it unless it is needed
  Response response;     // the head to answer with, and the stream in `opens`
};

class StreamRunner {
 public:
  virtual ~StreamRunner() = default;
  /// Until the stream or the connection ends; the connection is closed afterwards. On the connection's strand.
  virtual asio::awaitable<void> run(std::shared_ptr<Connection> connection, std::shared_ptr<StreamStart> start,
                                    Dispatcher& dispatcher) = 0;
};

}  // namespace nexus::http::net
