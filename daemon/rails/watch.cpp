#include "daemon/rails/watch.hpp"

#include "daemon/base/thread.hpp"
#include "daemon/log.hpp"
#include "store/error.hpp"
#include "store/identity.hpp"

namespace nexus::rails {
namespace {

constexpr std::chrono::minutes kTellAgain{1};

/// Readiness and the log tell of a server that is away, and the next look sees everything.
bool is_of_absence(const store::Error& error) {
  return error.failure == store::Failure::unreachable || error.failure == store::Failure::interrupted;
}

}  // namespace

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
    } catch (const store::Error& error) {
      if (!is_of_absence(error)) tell(error.what());
    } catch (const std::exception& error) {
      tell(error.what());
    }
    lock.lock();
    wake_.wait_for(lock, between_, [this] { return stopping_; });
  }
}

/// What stays wrong is told once a minute, not four times a second.
void Watch::tell(const char* cause) {
  const auto now = std::chrono::steady_clock::now();
  if (now < tell_again_) return;
  tell_again_ = now + kTellAgain;
  log::error("the store could not be looked at: streams here hear of other daemons by the bell alone",
             {{"cause", cause}});
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
