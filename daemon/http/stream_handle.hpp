// What a connection turns into when a route is answered by a stream instead of a body. Opaque here: what it tells, and
// how that goes over the wire, is known to the rails, which the session hands the connection to.
#pragma once
#include <memory>

namespace nexus::http {

class Stream {
 public:
  virtual ~Stream() = default;
};
using StreamPtr = std::shared_ptr<Stream>;

}  // namespace nexus::http
