// When a token was last used, written once a minute: a read must not cost a write. What a crash loses is a minute.
#pragma once
#include <mutex>
#include <string>
#include <unordered_map>

#include "daemon/base/clock.hpp"
#include "store/database.hpp"

namespace nexus {

class TokenUse {
 public:
  /// From any thread.
  void note(const std::string& token_id, Micros now);
  /// Hands what was noted to the writer; what does not fit waits for the next time.
  void flush(store::Database& database);

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, Micros> seen_;
};

}  // namespace nexus
