#include "daemon/http/held_bytes.hpp"

#include <algorithm>

namespace nexus::http {

HeldBytes::Part& HeldBytes::Part::operator=(Part&& other) noexcept {
  release();
  owner_ = other.owner_;
  line_ = std::move(other.line_);
  bytes_ = std::exchange(other.bytes_, 0);
  return *this;
}

bool HeldBytes::Part::grow(std::size_t bytes) {
  if (!owner_->take(line_, bytes, false)) return false;
  bytes_ += bytes;
  return true;
}

void HeldBytes::Part::cover(std::size_t bytes) {
  if (owner_ == nullptr || bytes <= bytes_) return;
  owner_->take(line_, bytes - bytes_, true);
  bytes_ = bytes;
}

void HeldBytes::Part::release() noexcept {
  if (bytes_ > 0) owner_->give_back(line_, std::exchange(bytes_, 0));
}

bool HeldBytes::has_room(const std::string& line) const {
  if (all_ < most_ / 2) return true;  // no line holds more than all of them
  const std::lock_guard lock(mutex_);
  const auto found = lines_.find(line);
  return all_ < most_ && (found == lines_.end() || found->second < most_ - all_);
}

bool HeldBytes::take(const std::string& line, std::size_t bytes, bool must) {
  if (bytes == 0) return true;
  const std::lock_guard lock(mutex_);
  const auto found = lines_.find(line);
  const std::size_t held = found == lines_.end() ? 0 : found->second;
  const std::size_t free = most_ - std::min<std::size_t>(most_, all_);
  // Afterwards the line holds no more than is free then.
  if (!must && held + 2 * bytes > free) return false;
  if (found == lines_.end())
    lines_.emplace(line, bytes);
  else
    found->second += bytes;
  all_ += bytes;
  return true;
}

void HeldBytes::give_back(const std::string& line, std::size_t bytes) noexcept {
  const std::lock_guard lock(mutex_);
  const auto found = lines_.find(line);
  if ((found->second -= bytes) == 0) lines_.erase(found);
  all_ -= bytes;
}

}  // namespace nexus::http
