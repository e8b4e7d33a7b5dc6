#include "store/postgres/only_daemon.hpp"

#include "store/postgres/locks.hpp"
#include "store/postgres/session.hpp"

namespace nexus::store {
namespace {

LinkOptions that_waits(LinkOptions options, std::chrono::milliseconds wait) {
  options.lock_wait = wait;
  return options;
}

}  // namespace

OnlyDaemon::OnlyDaemon(LinkOptions options, std::chrono::milliseconds wait)
    : link_(that_waits(std::move(options), wait)) {
  PostgresSession session(link_);
  Tx tx(session);
  try {
    lock_service(tx);
    session.flush();
  } catch (const Error& error) {
    if (error.failure != Failure::busy) throw;
    throw SchemaError("another nexusd serves from this database, and only one may: stop it, or name another database");
  }
}

}  // namespace nexus::store
