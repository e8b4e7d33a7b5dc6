#include "daemon/http/net/places.hpp"

namespace nexus::http::net {

bool Places::enter(const ConnectionPtr& connection) {
  const std::lock_guard lock(mutex_);
  if (all_.size() >= lasting_ && !make_room(false) && all_.size() >= most_ && !make_room(true)) return false;
  connection->last = all_.size() >= lasting_;
  if (connection->last) connection->latest = Clock::now() + limits::last_place_request_deadline;
  const std::uint64_t number = next_++;
  all_.emplace(connection, number);
  try {
    strangers_.emplace(number, connection);
  } catch (...) {
    all_.erase(connection);  // no session will leave it
    throw;
  }
  return true;
}

void Places::end(const ConnectionPtr& connection) {
  const std::lock_guard lock(mutex_);
  const auto found = all_.find(connection);
  if (found != all_.end()) ending_.emplace(found->second, connection);
}

void Places::leave(const ConnectionPtr& connection) {
  const std::lock_guard lock(mutex_);
  forget(connection);
}

void Places::clear() {
  const std::lock_guard lock(mutex_);
  strangers_.clear();
  ending_.clear();
  all_.clear();
}

std::size_t Places::taken() const {
  const std::lock_guard lock(mutex_);
  return all_.size();
}

std::size_t Places::take_put_out() {
  const std::lock_guard lock(mutex_);
  return std::exchange(put_out_, 0);
}

/// Ending connections go first (their answers are written), then strangers between requests, then strangers whose body
/// does not come. Who has just got one of the last places is spared as long as there are others.
bool Places::make_room(bool in_last) {
  if (!ending_.empty()) {
    const ConnectionPtr last = ending_.begin()->second;
    forget(last);
    last->cut();
    return true;
  }
  ConnectionPtr chosen;
  for (auto at = strangers_.begin(); at != strangers_.end() && (!chosen || chosen->waits_for == Waits::body);) {
    const ConnectionPtr& stranger = at->second;
    if (stranger->known) {
      at = strangers_.erase(at);
      continue;
    }
    if (stranger->last && !in_last) {
      ++at;
      continue;
    }
    if (stranger->waits_for == Waits::head || (!chosen && stranger->waits_for == Waits::body)) chosen = stranger;
    ++at;
  }
  if (!chosen) return false;
  forget(chosen);
  ++put_out_;
  chosen->cut(true);
  return true;
}

void Places::forget(const ConnectionPtr& connection) {
  const auto found = all_.find(connection);
  if (found == all_.end()) return;
  strangers_.erase(found->second);
  ending_.erase(found->second);
  all_.erase(found);
}

}  // namespace nexus::http::net
