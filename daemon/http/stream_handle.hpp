// The stream that answers a route instead of a body; the connection becomes it. Opaque here: the session passes the
// connection to the rails, which know its content and its wire format.
#pragma once
#include <memory>

namespace nexus::http {

class Stream {
 public:
  virtual ~Stream() = default;
};
using StreamPtr = std::shared_ptr<Stream>;

}  // namespace nexus::http
