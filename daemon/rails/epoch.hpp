// The epoch of the store: the first part of every cursor. Where a standby without the last rows took over, a daemon
// draws a new one (daemon/app/shared_store.hpp), because seqs are used again with other content.
//
// Threads: any.
#pragma once
#include <mutex>
#include <string>

namespace nexus::rails {

class Epoch {
 public:
  explicit Epoch(std::string text) : text_(std::move(text)) {}
  std::string text() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }
  /// Returns whether it is another one.
  bool renew(const std::string& text) {
    const std::lock_guard lock(mutex_);
    if (text_ == text) return false;
    text_ = text;
    return true;
  }

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

}  // namespace nexus::rails
