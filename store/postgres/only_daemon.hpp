// Keeps a second daemon from a database. Several daemons on one need more than its locks: streams, tickets and rights
// that one of them knows, the others must hear of. Until they do, one serves at a time.
//
// It guards against mistakes: when the server ends its session, nobody holds the database until the next start.
#pragma once
#include "store/postgres/link.hpp"

namespace nexus::store {

class OnlyDaemon {
 public:
  /// Waits for a daemon that is just ending; keepalives end the session of a machine that is gone within 10 s. Throws
  /// SchemaError, one line for the operator, when another one stays; else as Link does.
  explicit OnlyDaemon(LinkOptions options, std::chrono::milliseconds wait = std::chrono::seconds(12));

 private:
  Link link_;
};

}  // namespace nexus::store
