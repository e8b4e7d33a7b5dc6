// When tokens were last used. Written once a minute, because a read must not cost a write. A crash loses at most a
// minute.
#pragma once
#include <mutex>
#include <string>
#include <unordered_map>

#include "daemon/base/clock.hpp"
#include "store/database.hpp"
#include "store/identity.hpp"

namespace nexus {

class TokenUse {
 public:
  /// Notes a use. From any thread.
  void note(const std::string& token_id, Micros now) {
    const std::lock_guard lock(mutex_);
    seen_[token_id] = now;
  }
  /// Hands the noted uses to the writer. Those that do not fit wait for the next call.
  void flush(store::Database& database) {
    std::unordered_map<std::string, Micros> batch;
    {
      const std::lock_guard lock(mutex_);
      batch.swap(seen_);
    }
    if (batch.empty()) return;
    const auto kept = std::make_shared<const std::unordered_map<std::string, Micros>>(std::move(batch));
    const bool taken = database.writer().submit(
        [kept](store::Tx& tx) {
          for (const auto& [token_id, at] : *kept) store::touch_token(tx, token_id, at);
        },
        [](const store::Result&) {});
    if (taken) return;
    const std::lock_guard lock(mutex_);
    for (const auto& [token_id, at] : *kept) seen_.try_emplace(token_id, at);
  }

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, Micros> seen_;
};

}  // namespace nexus
