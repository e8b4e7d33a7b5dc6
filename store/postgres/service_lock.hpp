// Who uses a database: the daemons that serve from it, which share it, or one command that needs it alone. A daemon in
// its place would change what the command has read, or sign by keys that the command has replaced.
//
// It guards against mistakes: when the server ends the session, the lock goes with it.
#pragma once
#include "store/postgres/link.hpp"

namespace nexus::store {

enum class Service { shared, alone };

/// Threads: as of Link.
class ServiceLock {
 public:
  /// Waits for one who is just ending; keepalives end the session of a machine that is gone within 10 s. Throws
  /// SchemaError, one line for the operator, when another one stays; else as Link does.
  ServiceLock(LinkOptions options, Service service, std::chrono::milliseconds wait = std::chrono::seconds(12));

  /// The session that holds the lock, outside of a transaction.
  Link& link() { return link_; }

 private:
  Link link_;
};

}  // namespace nexus::store
