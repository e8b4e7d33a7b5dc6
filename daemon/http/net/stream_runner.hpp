// The runner of connections that became streams. The session passes the connection on once the request was judged and
// the stream opened, before a byte of the answer is written. What the session needed for the request is freed by then.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <memory>

#include "daemon/http/dispatcher.hpp"
#include "daemon/http/net/connection.hpp"

namespace nexus::http::net {

struct StreamStart {
  ExchangePtr exchange;  // of the request; release it unless it is needed
  Response response;     // the head to answer with, and the stream in `opens`
};

class StreamRunner {
 public:
  virtual ~StreamRunner() = default;
  /// Runs until the stream or the connection ends, on the connection's strand. The connection is closed afterwards.
  virtual asio::awaitable<void> run(std::shared_ptr<Connection> connection, std::shared_ptr<StreamStart> start,
                                    Dispatcher& dispatcher) = 0;
};

}  // namespace nexus::http::net
