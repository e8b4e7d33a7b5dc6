#include "daemon/rails/watch.hpp"

#include "daemon/base/thread.hpp"
#include "store/identity.hpp"

namespace nexus::rails {

Watch::Watch(store::Database& database, Feed& feed, Listener look, std::chrono::milliseconds between)
    : database_(database), feed_(feed), listener_(std::move(look)), between_(between), thread_([this] {
        name_thread("watch");
        loop();
      }) {}

Watch::~Watch() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Watch::loop() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    try {
      look();
    } catch (const std::exception&) {
      // Readiness tells of a server that is away, and the next look sees everything.
    }
    lock.lock();
    wake_.wait_for(lock, between_, [this] { return stopping_; });
  }
}

void Watch::look() {
  const auto tenants = feed_.tenants();
  Facts facts;
  std::vector<store::PlaceHead> events, audit;
  {
    auto lease = database_.read();
    facts = store::list_meta(lease.reader());
    if (!tenants.empty()) {
      events = store::list_heads(lease.reader(), "event_heads", tenants);
      audit = store::list_heads(lease.reader(), "audit_heads", tenants);
    }
  }
  feed_.grown_to(Sequence::messages, events);
  feed_.grown_to(Sequence::activity, events);
  feed_.grown_to(Sequence::audit, audit);
  listener_(facts);
}

}  // namespace nexus::rails
