// When tokens were last used. Written once a minute, because a read must not cost a write. A crash loses at most a
// minute.
#pragma once
#include <mutex>
#include <string>
#include <unordered_map>

#include "daemon/base/clock.hpp"
#include "store/database.hpp"

namespace nexus {

class TokenUse {
 public:
  /// Notes a use. From any thread.
  void note(const std::string& token_id, Micros now);
  /// Hands the noted uses to the writer. Those that do not fit wait for the next call.
  void flush(store::Database& database);

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, Micros> seen_;
};

}  // namespace nexus
