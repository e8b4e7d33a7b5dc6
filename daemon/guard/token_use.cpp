#include "daemon/guard/token_use.hpp"

#include "store/identity.hpp"

namespace nexus {

void TokenUse::note(const std::string& token_id, Micros now) {
  const std::lock_guard lock(mutex_);
  seen_[token_id] = now;
}

void TokenUse::flush(store::Database& database) {
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

}  // namespace nexus
