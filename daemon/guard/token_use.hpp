// When tokens were last used. Written once a minute, because a read must not cost a write. A crash loses at most a
// minute.
//
// The unit names no realm: it runs beside those of every realm and of other daemons, because no gate reads these times.
// Who revokes or removes tokens runs alone. So nobody but another daemon's unit of this kind holds these rows, and all
// of these take them in one order, that of the ids.
#pragma once
#include <map>
#include <memory>
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
    const auto kept = std::make_shared<const std::map<std::string, Micros>>(batch.begin(), batch.end());
    const bool taken = database.writer().submit({.unit =
                                                     [kept](store::Tx& tx) {
                                                       for (const auto& [token_id, at] : *kept)
                                                         store::touch_token(tx, token_id, at);
                                                     },
                                                 .done = [](const store::Result&) {},
                                                 .realms = store::Realms()});
    if (taken) return;
    const std::lock_guard lock(mutex_);
    for (const auto& [token_id, at] : *kept) seen_.try_emplace(token_id, at);
  }

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, Micros> seen_;
};

}  // namespace nexus
