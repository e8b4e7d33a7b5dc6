#include "store/postgres/service_lock.hpp"

#include "store/postgres/locks.hpp"
#include "store/postgres/session.hpp"

namespace nexus::store {
namespace {

LinkOptions that_waits(LinkOptions options, std::chrono::milliseconds wait) {
  options.lock_wait = wait;
  return options;
}

constexpr const char* kUsedAlone =
    "a command of nexusd uses this database alone: wait for its end, or name another database";
constexpr const char* kServed = "a nexusd serves from this database: stop all of them, or name another database";

}  // namespace

ServiceLock::ServiceLock(LinkOptions options, Service service, std::chrono::milliseconds wait)
    : link_(that_waits(std::move(options), wait)) {
  PostgresSession session(link_);
  Tx tx(session);
  try {
    lock_service(tx, service == Service::shared);
    session.flush();
  } catch (const Error& error) {
    if (error.failure != Failure::busy) throw;
    throw SchemaError(service == Service::shared ? kUsedAlone : kServed);
  }
}

}  // namespace nexus::store
